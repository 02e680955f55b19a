import {
  type CanonicalObject, type CanonicalObjectDetails, type Client, type Connection, getCanonicalObjects, getObject, type Page, type Platform, type PlatformRecord,
  type StoredEntityType,
} from "@structural/sdk";
import { entityOf, type Field, platforms, valueAt } from "./catalog.ts";

export type Connections = Partial<Record<Platform, Connection>>;
export type Rows = Partial<Record<StoredEntityType, RowPage>>;

/** Which records are shown: those that refer to a project or a business partner, and it. */
export interface Filter {
  project?: string;
  customer?: string;
}

/** One real-world record, with what each platform has of it. */
export interface Row {
  id: string;
  type: StoredEntityType;
  canonical: CanonicalObject;
  records: Partial<Record<Platform, PlatformRecord>>;
  platformIds: Partial<Record<Platform, string>>;
  version: number;
}

export interface RowPage {
  rows: Row[];
  nextCursor?: string;
}

/** Lists objects of a type, a thousand at the most; `cursor` begins where the page before ended. */
export async function listRows(api: Client, type: StoredEntityType, filter: Filter, signal?: AbortSignal, cursor?: string): Promise<RowPage> {
  const itself = type === "project" ? filter.project : type === "customer" ? filter.customer : undefined;
  if (itself) return { rows: [await readRow(api, itself, signal)] };
  const page: Page<CanonicalObjectDetails> = await getCanonicalObjects(
    api, { entity_type: type, project_id: filter.project, customer_id: filter.customer, cursor }, { signal },
  );
  return { rows: page.data.map(rowOf), ...(page.nextCursor && { nextCursor: page.nextCursor }) };
}

/** Reads one record as it stands now. */
export async function readRow(api: Client, id: string, signal?: AbortSignal): Promise<Row> {
  return rowOf(await getObject(api, id, { signal }));
}

function rowOf({ canonical_id, entity_type, data, platform_data, mappings, version }: CanonicalObjectDetails): Row {
  const platformIds = Object.fromEntries(mappings.map(({ platform, platform_id }) => [platform, platform_id]));
  return { id: canonical_id, type: entity_type, canonical: data, records: platform_data, platformIds, version };
}

/** The platform that takes precedence: where the platforms disagree, the canonical object says what this one says. */
export function homeOf(row: Row): Platform | undefined {
  return platforms.find((platform) => row.records[platform]);
}

/** What a platform's own record has in a field; undefined if it has nothing there. */
export function ownValue(row: Row, field: Field, platform: Platform): unknown {
  return (field.at[platform] ?? []).map((path) => valueAt(row.records[platform], path)).find((value) => value !== undefined && value !== "");
}

/** The currency of a platform's record; undefined where nothing names it. */
export function currencyOf(row: Row, field: Field, platform: Platform): string | undefined {
  const named = (entityOf(row.type).currencyAt[platform] ?? []).map((path) => valueAt(row.records[platform], path)).find(Boolean);
  if (typeof named === "string") return named;
  return platform === homeOf(row) ? (valueAt(row.canonical, field.name) as { currency?: string } | undefined)?.currency : undefined;
}

/** A platform's own word for a status: "In Review" where the platform writes In_x0020_Review. Undefined if it has none. */
export function platformWord(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.replace(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))).trim() || undefined;
}
