import { type Client, getPlatforms, type Platform, type StoredEntityType } from "@structural/sdk";

/** A field that the page shows, and where each platform keeps it. */
export interface Field {
  /** In the canonical object. */
  name: string;
  label: string;
  kind: "money" | "word" | "date" | "text";
  /** Path in the platform's own record; absent where the platform has no such field. */
  at: Partial<Record<Platform, string>>;
  /** The words it may have, for kind "word". */
  words: readonly string[];
  /** Whether the table has it, next to the record's title. */
  column: boolean;
  /** Whether it can be changed. */
  editable: boolean;
  /** Names and numbers are spelled in many ways: what is no letter or digit, case and accents do not count. */
  loose: boolean;
}

export interface Entity {
  type: StoredEntityType;
  one: string;
  many: string;
  /** Fields of the canonical object that head a row: what people call the record, and what it is. */
  key: string;
  title: string;
  fields: readonly Field[];
  /** Where each platform's record names its currency. */
  currencyAt: Partial<Record<Platform, string>>;
  /** What records of a platform do not say of themselves: the field of the canonical object that does, and the platform's words for it. */
  variants: readonly { platform: string; field: string; words: Readonly<Record<string, string>> }[];
}

/** Which fields of each kind of record the page shows, in this order. What the fields are, the API says. */
const shown: Partial<Record<string, { key: string; title: string; columns: string[]; more: string[] }>> = {
  project: { key: "number", title: "name", columns: ["total_value", "status", "completion_date"], more: ["start_date", "name", "number"] },
  customer: { key: "number", title: "name", columns: ["tax_id", "status", "phone"], more: ["name", "email", "website"] },
  contract: { key: "number", title: "title", columns: ["amount", "status", "contract_date"], more: ["title", "number"] },
  invoice: { key: "number", title: "customer_name", columns: ["amount", "status", "invoice_date"], more: ["tax_amount", "number"] },
  payment: { key: "check_number", title: "notes", columns: ["amount", "status", "date"], more: ["notes", "check_number"] },
};

const kinds = ["money", "word", "date"] as const;
const loose = new Set(["check_number", "name", "number", "phone", "tax_id", "title"]);

type Answer = Awaited<ReturnType<typeof getPlatforms>>;
type FieldInfo = Answer["entity_types"][number]["fields"][number];

// Set by loadCatalog, before anything is shown that needs them.
export let platforms: readonly Platform[] = [];
export let platformNames: Readonly<Record<string, string>> = {};
export let entities: readonly Entity[] = [];
let digits: ReadonlyMap<string, number> = new Map();

/** Asks the API which platforms, fields and currencies there are. */
export async function loadCatalog(api: Client): Promise<void> {
  const answer = await getPlatforms(api);
  platforms = answer.platforms.map(({ name }) => name as Platform);
  platformNames = Object.fromEntries(answer.platforms.map(({ name, title }) => [name, title]));
  digits = new Map(answer.currencies.map((currency) => [currency.code, currency.digits]));
  entities = answer.entity_types.flatMap(({ entity_type, label, plural, stored, fields }): Entity[] => {
    const choice = shown[entity_type];
    if (!stored || !choice) return [];
    const named = (name: string) => fields.filter(({ field }) => field === `/${name}`);
    return [{
      type: entity_type as StoredEntityType, one: label, many: plural, key: choice.key, title: choice.title,
      fields: [...choice.columns, ...choice.more].flatMap((name) => named(name).map((info) => fieldOf(info, choice.columns.includes(name)))),
      currencyAt: named("currency").map(placesOf)[0] ?? {},
      variants: fields.flatMap(({ field, platforms }) => Object.entries(platforms).flatMap(([platform, { variants }]) =>
        variants ? [{ platform, field: pathOf(field), words: variants }] : [])),
    }];
  });
}

function fieldOf(info: FieldInfo, column: boolean): Field {
  const name = pathOf(info.field);
  const kind = kinds.find((candidate) => candidate === info.type) ?? "text";
  return { name, label: info.label, kind, at: placesOf(info), words: info.words ?? [], column, editable: info.writable, loose: loose.has(name) };
}

function placesOf(info: FieldInfo): Partial<Record<Platform, string>> {
  return Object.fromEntries(Object.entries(info.platforms).map(([platform, { fields }]) => [platform, pathOf(fields[0]!)]));
}

export function entityOf(type: StoredEntityType): Entity {
  return entities.find((entity) => entity.type === type)!;
}

/** How many digits a currency's minor unit has: 2 for most, 3 for dinars, 0 for yen. */
export function digitsOf(currency: string): number {
  const known = digits.get(currency);
  if (known === undefined) throw new Error(`unknown currency ${currency}`); // amounts have none that the API does not list
  return known;
}

/** A JSON pointer as a path: /summary/current_payment_due is summary.current_payment_due. */
export function pathOf(pointer: string): string {
  return pointer.slice(1).replaceAll("/", ".").replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Reads a path such as summary.current_payment_due; undefined where there is nothing, or no path. */
export function valueAt(record: unknown, path: string | undefined): unknown {
  if (path === undefined) return undefined;
  let value = record;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value ?? undefined;
}
