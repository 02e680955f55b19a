import type { Money, Platform } from "@structural/sdk";
import { type Field, platformNames, platforms, valueAt } from "./catalog.ts";
import { decimalOf, grouped, groupedIn } from "./money.ts";
import { platformWord, type Row } from "./records.ts";

export type Side = Platform | "canonical";

/** The sides of a record in their order: the common form stands after the first platform, which the others are compared with. */
export function sides(): Side[] {
  return [...platforms.slice(0, 1), "canonical", ...platforms.slice(1)];
}

export function sideName(side: Side): string {
  return side === "canonical" ? "Canonical" : platformNames[side] ?? side;
}

/** The colour of a side. */
export function Dot({ side }: { side: Side }) {
  return <i class={`dot ${side === "canonical" ? side : `platform-${platforms.indexOf(side) + 1}`}`} />;
}

export function Amount({ currency, children }: { currency: string; children: string }) {
  return <span class="amount"><span class="currency">{currency}</span>{" "}{children}</span>;
}

export function MoneyValue({ money }: { money: Money }) {
  return <Amount currency={money.currency}>{grouped(decimalOf(money))}</Amount>;
}

/** A field's value as one side has it, its status in that side's own word. Undefined if it has none. */
export function sideValue(row: Row, field: Field, side: Side) {
  const value = valueAt(side === "canonical" ? row.canonical : row.views?.[side], field.name);
  if (value === undefined) return undefined;
  if (field.kind === "money") return <MoneyValue money={value as Money} />;
  if (field.kind === "word") return inWords((side !== "canonical" && platformWord(row.records[side], field.at[side])) || (value as string));
  return <bdi>{String(value)}</bdi>;
}

/** in_review: In review */
export function inWords(word: string): string {
  const text = word.replaceAll("_", " ");
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Any value of a record or of its history; amounts in a currency where one is known. */
export function AnyValue({ value, currency }: { value: unknown; currency?: string }) {
  if (value === undefined || value === null || value === "") return <span class="nothing">nothing</span>;
  if (isMoney(value)) return <MoneyValue money={value} />;
  if (currency && (typeof value === "string" || typeof value === "number")) {
    return <Amount currency={currency}>{groupedIn(currency, value)}</Amount>;
  }
  return <bdi>{typeof value === "string" ? value : JSON.stringify(value)}</bdi>;
}

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "amount" in value && "currency" in value && Object.keys(value).length === 2;
}

export interface ValueChange {
  /** Path of the field. */
  field: string;
  from?: unknown;
  to?: unknown;
}

/** What differs between two values, down to what is not an object. */
export function changesBetween(from: unknown, to: unknown, path = ""): ValueChange[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  const nested = [from, to].every((value) => typeof value === "object" && value !== null && !isMoney(value));
  if (!nested) return [{ field: path, from, to }];
  const names = new Set([...Object.keys(from as object), ...Object.keys(to as object)]);
  return [...names].flatMap((name) =>
    changesBetween((from as Record<string, unknown>)[name], (to as Record<string, unknown>)[name], path ? `${path}.${name}` : name),
  );
}

/** Before and after, field by field. `currencyOf` knows which fields are amounts. */
export function Changes({ changes, currencyOf }: { changes: ValueChange[]; currencyOf?: (path: string) => string | undefined }) {
  return (
    <dl class="changes">
      {changes.map(({ field, from, to }) => (
        <div key={field}>
          <dt><code>{field}</code></dt>
          <dd>
            <span class="unseen">from </span><del><AnyValue value={from} currency={currencyOf?.(field)} /></del>
            <span class="arrow" aria-hidden="true">→</span>
            <span class="unseen"> to </span><ins><AnyValue value={to} currency={currencyOf?.(field)} /></ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Tells which of a platform's fields are amounts, and in which currency the row's record has them. */
export function currenciesOf(row: Row, fields: readonly Field[], platform: Platform): (path: string) => string | undefined {
  return (path) => {
    const field = fields.find(({ kind, at }) => kind === "money" && at[platform] === path);
    return field && (valueAt(row.views?.[platform], field.name) as Money | undefined)?.currency;
  };
}
