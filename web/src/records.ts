import {
  type CanonicalObject, type Client, type Connection, type Conversion, getObject, getObjects, type Platform, type PlatformRecord, type StoredEntityType, transformData,
  type TransformResponse,
} from "@structural/sdk";
import { type Entity, entityOf, type Field, platforms, valueAt } from "./catalog.ts";

/** What a record of the home platform and one of another platform are, each as the other platform would have it. */
interface Comparison {
  /** The home platform's record, in the other one's words, and in the currency that it has there now. */
  ofHome: PlatformRecord;
  /** The other platform's record, in the home platform's words. */
  onHome: PlatformRecord;
  conversions: Conversion[];
}

export type Connections = Partial<Record<Platform, Connection>>;
export type Rows = Partial<Record<StoredEntityType, Row[]>>;

/** One real-world record, with what each platform has of it. */
export interface Row {
  id: string;
  type: StoredEntityType;
  canonical: CanonicalObject;
  records: Partial<Record<Platform, PlatformRecord>>;
  platformIds: Partial<Record<Platform, string>>;
  /** What each platform alone says, in canonical words; absent until it is known. */
  views?: Partial<Record<Platform, CanonicalObject>>;
  /** The platform that the others are compared with: the first that has the record. */
  home?: Platform;
  comparisons?: Partial<Record<Platform, Comparison>>;
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
    row.records[object.platform as Platform] = object.platform_data;
    row.platformIds[object.platform as Platform] = object.id;
    rows.set(row.id, row);
  }
  return [...rows.values()];
}

/** Reads one record as it stands now, compared. */
export async function readRow(api: Client, id: string, signal: AbortSignal): Promise<VersionedRow> {
  const object = await getObject(api, id, { signal });
  const row: Row = { id: object.canonical_id, type: object.entity_type, canonical: object.data, records: object.platform_data, platformIds: {} };
  for (const { platform, platform_id } of object.mappings) row.platformIds[platform as Platform] = platform_id;
  return { ...(await compareRow(api, row, signal)), version: object.version, updatedAt: object.updated_at };
}

/**
 * Adds what each platform alone says. The canonical object cannot tell: where platforms disagree, it has one value. The API
 * translates the records, so that words, currencies and dates are compared by what they mean, at the API's own rates.
 */
export async function compareRow(api: Client, row: Row, signal: AbortSignal): Promise<Row> {
  const [home, ...others] = platforms.filter((platform) => row.records[platform]);
  if (!home || !others.length) return { ...row, views: home && { [home]: row.canonical } };
  try {
    const compared: Row = { ...row, home, views: {}, comparisons: {} };
    await Promise.all(others.map(async (other) => {
      const [there, back] = await Promise.all([translate(api, row, home, other, signal), translate(api, row, other, home, signal)]);
      Object.assign(compared.views!, { [home]: there.canonical, [other]: back.canonical });
      compared.comparisons![other] = { ofHome: there.data, onHome: back.data, conversions: there.metadata.conversions };
    }));
    return compared;
  } catch (failure) {
    signal.throwIfAborted();
    return { ...row, failure };
  }
}

/** Translates the record that a platform has, into the currency that the other platform's record names. */
function translate(api: Client, row: Row, source: Platform, target: Platform, signal: AbortSignal): Promise<TransformResponse> {
  const currency = source === platforms[0] && valueAt(row.records[target], entityOf(row.type).currencyAt[target]);
  const variants = entityOf(row.type).variants.find(({ platform }) => platform === source || platform === target);
  const commitmentType = variants && (variants.words[String(valueAt(row.canonical, variants.field))] ?? Object.values(variants.words)[0]);
  return transformData(api, {
    source, target, entity_type: row.type, data: withoutLines(row.records[source]!),
    context: { ...(commitmentType && { commitmentType }), ...(typeof currency === "string" && currency && { currency }) },
  }, { signal });
}

/** Lines are most of a record, and not compared here. */
function withoutLines(record: PlatformRecord): PlatformRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !Array.isArray(value)));
}

/** Tells whether a platform and the home platform both have a value for the field, and mean different things by it. */
export function differsFromHome(row: Row, field: Field, other: Platform): boolean {
  const { home } = row;
  const comparison = row.comparisons?.[other];
  if (!home || !comparison) return false;
  const [ours, theirs] = [home, other].map((platform) => valueAt(row.views?.[platform], field.name));
  if (ours === undefined || theirs === undefined) return false;
  if (field.kind === "money") {
    // In a journal a payment is negative: the sign is the platform's way of saying whose credit it is.
    const magnitude = (record: unknown) => Math.abs(Number(valueAt(record, field.at[other])));
    return magnitude(row.records[other]) !== magnitude(comparison.ofHome);
  }
  if (field.loose) return letters(ours) !== letters(theirs);
  // A platform that has no word for what the other one says has the closest one: that is as much as it can agree.
  const same = (platform: Platform, translated: PlatformRecord) => valueAt(row.records[platform], field.at[platform]) === valueAt(translated, field.at[platform]);
  return ours !== theirs && !(field.kind === "word" && (same(home, comparison.onHome) || same(other, comparison.ofHome)));
}

/** Tells whether any platform differs from the home platform. */
export function differs(row: Row, field: Field): boolean {
  return platforms.some((platform) => differsFromHome(row, field, platform));
}

/** Tells whether a platform's value is one of those that differ. */
export function isMarked(row: Row, field: Field, platform: Platform): boolean {
  return platform === row.home ? differs(row, field) : differsFromHome(row, field, platform);
}

export function differences(row: Row, { fields }: Entity): Field[] {
  return fields.filter((field) => differs(row, field));
}

function letters(value: unknown): string {
  return String(value).normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
}

/** A platform's own word for a status: "In Review" where the platform writes In_x0020_Review. Undefined if it has none. */
export function platformWord(record: PlatformRecord | undefined, path: string | undefined): string | undefined {
  const value = valueAt(record, path);
  if (typeof value !== "string") return undefined;
  return value.replace(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))).trim() || undefined;
}
