import type { StoredEntityType } from "@structural/sdk";
import { useEffect, useState } from "preact/hooks";
import { entities, entityOf } from "./catalog.ts";

export interface Route {
  type: StoredEntityType;
  /** Of the record that is open. */
  id?: string;
}

/** The page's state that has an address: #payments, #payments/pay_NvmMc888X6CLDxl. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute(read());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

function read(): Route {
  const [, many, id] = /^#([a-z]+)(?:\/([A-Za-z0-9_]+))?$/.exec(location.hash) ?? [];
  const entity = entities.find((candidate) => candidate.many.toLowerCase() === many);
  return entity ? { type: entity.type, id } : { type: "payment" };
}

export function showRecord({ type, id }: Required<Route>): void {
  location.hash = `${entityOf(type).many.toLowerCase()}/${id}`;
}

/** Closes the record: going back does not open it again. */
export function showType(type: StoredEntityType): void {
  location.replace(`#${entityOf(type).many.toLowerCase()}`);
}
