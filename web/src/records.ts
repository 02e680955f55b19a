import {
  type CanonicalObject, type Client, type Conversion, getObject, getObjects, type Platform, type PlatformRecord, type StoredEntityType, transformData,
} from "@structural/sdk";
import { type Entity, type Field, platforms, valueAt } from "./entities.ts";

/** One real-world record, with what each platform has of it. */
export interface Row {
  id: string;
  type: StoredEntityType;
  canonical: CanonicalObject;
  records: Partial<Record<Platform, PlatformRecord>>;
  platformIds: Partial<Record<Platform, string>>;
  /** What each platform alone says, in canonical words; absent until it is known. */
  views?: Partial<Record<Platform, CanonicalObject>>;
  /** For each platform, the other one's record as this one would have it: in its words, and in the currency it has now. */
  translated?: Record<Platform, PlatformRecord>;
  conversions?: Conversion[];
  /** Why the platforms could not be compared. */
  failure?: unknown;
}

export interface VersionedRow extends Row {
  version: number;
  updatedAt: string;
}

/** Lists the records of a type on all platforms, those of the same real-world entity as one row. */
export async function listRows(api: Client, type: StoredEntityType, signal: AbortSignal): Promise<Row[]> {
  const lists = await Promise.all(platforms.map((platform) => getObjects(api, { platform, entity_type: type }, { signal })));
  const rows = new Map<string, Row>();
  for (const object of lists.flatMap((list) => list.data)) {
    const row = rows.get(object.canonical_id) ?? { id: object.canonical_id, type, canonical: object.data, records: {}, platformIds: {} };
    row.records[object.platform] = object.platform_data;
    row.platformIds[object.platform] = object.id;
    rows.set(row.id, row);
  }
  return [...rows.values()];
}

/** Reads one record as it stands now, compared. */
export async function readRow(api: Client, id: string, signal: AbortSignal): Promise<VersionedRow> {
  const object = await getObject(api, id, { signal });
  const row: Row = { id: object.canonical_id, type: object.entity_type, canonical: object.data, records: object.platform_data, platformIds: {} };
  for (const { platform, platform_id } of object.mappings) row.platformIds[platform] = platform_id;
  return { ...(await compareRow(api, row, signal)), version: object.version, updatedAt: object.updated_at };
}

/**
 * Adds what each platform alone says. The canonical object cannot tell: where platforms disagree, it has one value. The API
 * translates both records, so that words, currencies and dates are compared by what they mean, at the API's own rates.
 */
export async function compareRow(api: Client, row: Row, signal: AbortSignal): Promise<Row> {
  const { procore, dynamics } = row.records;
  if (!procore || !dynamics) return { ...row, views: procore ? { procore: row.canonical } : { dynamics: row.canonical } };
  const currency = dynamics.currencyCode;
  const kind = row.canonical.object === "contract"
    ? { commitmentType: row.canonical.commitment_type === "purchase_order" ? "PurchaseOrderContract" : "WorkOrderContract" }
    : {};
  try {
    const [books, site] = await Promise.all([
      transformData(api, { source: "dynamics", target: "procore", entity_type: row.type, data: withoutLines(dynamics), context: kind }, { signal }),
      transformData(api, {
        source: "procore", target: "dynamics", entity_type: row.type, data: withoutLines(procore),
        context: {
          ...kind,
          ...(typeof currency === "string" && currency && { currency }),
        },
      }, { signal }),
    ]);
    return {
      ...row,
      views: { procore: site.canonical, dynamics: books.canonical },
      translated: { procore: books.data, dynamics: site.data },
      conversions: site.metadata.conversions,
    };
  } catch (failure) {
    signal.throwIfAborted();
    return { ...row, failure };
  }
}

/** Lines are most of a record, and not compared here. */
function withoutLines(record: PlatformRecord): PlatformRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !Array.isArray(value)));
}

/** Tells whether both platforms have a value for the field, and mean different things by it. */
export function differs(row: Row, field: Field): boolean {
  const procore = valueAt(row.views?.procore, field.name);
  const dynamics = valueAt(row.views?.dynamics, field.name);
  if (!row.translated || procore === undefined || dynamics === undefined) return false;
  if (field.kind === "money") {
    // In a journal a payment is negative: the sign is Business Central's way of saying whose credit it is.
    const magnitude = (record: unknown) => Math.abs(Number(valueAt(record, field.at.dynamics)));
    return magnitude(row.records.dynamics) !== magnitude(row.translated.dynamics);
  }
  if (field.loose) return letters(procore) !== letters(dynamics);
  // A platform that has no word for what the other one says has the closest one: that is as much as it can agree.
  const sameOn = (platform: Platform) => valueAt(row.records[platform], field.at[platform]) === valueAt(row.translated?.[platform], field.at[platform]);
  return procore !== dynamics && !(field.kind === "word" && platforms.some(sameOn));
}

export function differences(row: Row, { fields }: Entity): Field[] {
  return fields.filter((field) => differs(row, field));
}

function letters(value: unknown): string {
  return String(value).normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}

/** A platform's own word for a status: "In Review" where Business Central writes In_x0020_Review. Undefined if it has none. */
export function platformWord(record: PlatformRecord | undefined, path: string): string | undefined {
  const value = valueAt(record, path);
  if (typeof value !== "string") return undefined;
  return value.replace(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))).trim() || undefined;
}
