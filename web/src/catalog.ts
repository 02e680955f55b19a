import { type Client, getPlatforms, type Platform, type StoredEntityType } from "@structural/sdk";

/** A field that the page shows, and where each platform keeps it. */
export interface Field {
  /** In the canonical object. */
  name: string;
  label: string;
  kind: "money" | "word" | "date" | "text";
  /** Paths in the platform's own record, the usual one first; absent where the platform has no such field. */
  at: Places;
  /** The words it may have, for kind "word". */
  words: readonly string[];
  /** Whether the table has it, next to the record's title. */
  column: boolean;
  /** Whether it can be changed. */
  editable: boolean;
}

export type Places = Partial<Record<Platform, readonly string[]>>;

export interface Entity {
  type: StoredEntityType;
  one: string;
  many: string;
  /** Fields of the canonical object that head a row: what people call the record, and what it is. */
  key: string;
  title: string;
  fields: readonly Field[];
  /** All fields that the canonical object can have, by their JSON pointer; those of a line as /lines/*. */
  known: ReadonlyMap<string, Field>;
  /** Amounts that the table shows below the columns, of the canonical object alone, where they are not zero. */
  more: readonly Field[];
  /** Where each platform's record names its currency. */
  currencyAt: Places;
}

/** Which fields of each kind of record the page shows, in this order. What the fields are, the API says. */
const shown: Partial<Record<string, { key: string; title: string; columns: string[]; more: string[] }>> = {
  project: { key: "number", title: "name", columns: ["total_value", "status", "completion_date"], more: ["start_date", "name", "number"] },
  customer: { key: "number", title: "name", columns: ["tax_id", "status", "phone"], more: ["name", "email", "website"] },
  contract: { key: "number", title: "title", columns: ["amount", "status", "contract_date"], more: ["title", "number"] },
  invoice: {
    key: "number", title: "customer_name", columns: ["amount", "status", "invoice_date"],
    more: ["gross_amount", "retainage.retained_amount", "retainage.released_amount", "tax_amount", "number"],
  },
  payment: { key: "check_number", title: "notes", columns: ["amount", "status", "date"], more: ["notes", "check_number"] },
};

/** What the page calls an invoice's amounts: due = gross - retained + released, and tax. */
const invoiceLabels: Partial<Record<string, string>> = {
  gross_amount: "Gross", "retainage.retained_amount": "Retained", "retainage.released_amount": "Released", amount: "Due",
};

const kinds = ["money", "word", "date"] as const;

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
    const known = new Map(fields.map((info) => [info.field, fieldOf(info, entity_type === "invoice" ? invoiceLabels : {})]));
    const named = (name: string) => known.get(pointerOf(name)) ?? [];
    return [{
      type: entity_type as StoredEntityType, one: label, many: plural, key: choice.key, title: choice.title, known,
      fields: [...choice.columns.flatMap(named).map((field) => ({ ...field, column: true })), ...choice.more.flatMap(named)],
      more: Object.keys(entity_type === "invoice" ? invoiceLabels : {}).filter((name) => choice.more.includes(name)).flatMap(named),
      currencyAt: known.get("/currency")?.at ?? {},
    }];
  });
}

function fieldOf(info: FieldInfo, labels: Partial<Record<string, string>>): Field {
  const name = pathOf(info.field);
  const kind = kinds.find((candidate) => candidate === info.type) ?? "text";
  return { name, label: labels[name] ?? info.label, kind, at: placesOf(info), words: info.words ?? [], column: false, editable: info.writable };
}

function placesOf(info: FieldInfo): Places {
  return Object.fromEntries(Object.entries(info.platforms).map(([platform, { fields, sides }]) =>
    [platform, [fields, ...Object.values(sides ?? {}).map((side) => side.fields)].flat().map(pathOf)]));
}

/** The field that a difference is of; undefined where it is of no field alone, such as the number of lines. */
export function knownField(entity: Entity, pointer: string): Field | undefined {
  return entity.known.get(pointer.replace(/^\/lines\/\d+\//, "/lines/*/"));
}

/** What people call the field of a difference: "Amount", "Line 3, quantity", "Number of lines", "Tax VAT5". */
export function labelOf(entity: Entity, pointer: string): string {
  const label = knownField(entity, pointer)?.label ?? pathOf(pointer);
  const [, line] = /^\/lines\/(\d+)\//.exec(pointer) ?? [];
  if (line !== undefined) return `Line ${Number(line) + 1}, ${label.toLowerCase()}`;
  if (pointer === "/lines") return "Number of lines";
  const [, code] = /^\/tax_amount\/(.*)/.exec(pointer) ?? [];
  return code === undefined ? label : `Tax ${code.replaceAll("~1", "/").replaceAll("~0", "~")}`;
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

/** A path as a JSON pointer: summary.current_payment_due is /summary/current_payment_due. */
export function pointerOf(path: string): string {
  return `/${path.replaceAll(".", "/")}`;
}

/** Reads a path such as summary.current_payment_due; undefined where there is nothing, or no path. */
export function valueAt(record: unknown, path: string | undefined): unknown {
  if (path === undefined) return undefined;
  let value = record;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value ?? undefined;
}
