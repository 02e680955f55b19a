import type { StoredEntityType } from "@structural/sdk";
import { useEffect, useState } from "preact/hooks";
import { entities } from "./catalog.ts";

/** What is shown beside the records of each type. */
export const views = { differences: "Differences", matches: "Matches", retainage: "Retainage" };
export type View = keyof typeof views;

export interface Route {
  /** Undefined: the records of the type. */
  view?: View;
  type: StoredEntityType;
  /** Of the record that is open. */
  id?: string;
}

/** The page's state that has an address: #payments, #payments/pay_NvmMc888X6CLDxl, #differences. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute((before) => ({ type: before.type, ...read() }));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return { ...route, type: route.type ?? "payment" };
}

function read(): Partial<Route> {
  const [name, id] = parts();
  const view = Object.keys(views).find((candidate) => candidate === name) as View | undefined;
  const entity = entities.find((candidate) => candidate.many.toLowerCase() === name);
  return { view, id: view || entity ? id : undefined, ...(entity && { type: entity.type }) };
}

function parts(): (string | undefined)[] {
  return /^#([a-z]+)(?:\/([A-Za-z0-9_]+))?$/.exec(location.hash)?.slice(1) ?? [];
}

/** Opens a record over what is shown. */
export function showRecord(id: string): void {
  location.hash = `${parts()[0] ?? "payments"}/${id}`;
}

/** Closes the record: going back does not open it again. */
export function closeRecord(): void {
  location.replace(`#${parts()[0] ?? "payments"}`);
}
