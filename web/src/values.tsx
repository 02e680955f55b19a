import type { Money, Platform, RecordDifference } from "@structural/sdk";
import { type Field, platformNames, platforms, valueAt } from "./catalog.ts";
import { decimalOf, grouped, groupedIn } from "./money.ts";
import { currencyOf, homeOf, ownValue, platformWord, type Row } from "./records.ts";

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
export function sideValue(row: Row, field: Field, side: Side, difference: RecordDifference | undefined) {
  const canonical = valueAt(row.canonical, field.name);
  if (side === "canonical") return canonical === undefined ? undefined : <FieldValue field={field} value={canonical} />;
  const own = ownValue(row, field, side);
  const said = difference?.values[side] ?? (side === homeOf(row) ? canonical : undefined);
  if (own === undefined) return undefined;
  if (field.kind === "word") return inWords(platformWord(own) ?? String(said ?? canonical));
  if (said !== undefined) return <FieldValue field={field} value={said} />;
  // The record of another platform that says the same: the amount in its own currency, the text as it is written there.
  if (field.kind === "money") return <AnyValue value={withoutSign(own, canonical as Money | undefined)} currency={currencyOf(row, field, side)} />;
  if (field.kind === "date") return String(own).startsWith(String(canonical)) ? <bdi>{String(canonical)}</bdi> : undefined;
  return <bdi>{String(own)}</bdi>;
}

/** In a journal a payment can be negative: the sign says whose credit it is. */
function withoutSign(own: unknown, canonical: Money | undefined): string {
  return canonical && canonical.amount >= 0 ? String(own).replace(/^-/, "") : String(own);
}

/** A value in canonical words. */
export function FieldValue({ field, value }: { field: Field | undefined; value: unknown }) {
  return field?.kind === "word" && typeof value === "string" ? <>{inWords(value)}</> : <AnyValue value={value} />;
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
    const field = fields.find(({ kind, at }) => kind === "money" && at[platform]?.includes(path));
    return field && currencyOf(row, field, platform);
  };
}
