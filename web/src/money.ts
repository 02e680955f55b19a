import type { Money } from "@structural/sdk";
import { digitsOf } from "./catalog.ts";

/** The digits of an amount, with the currency's decimals: "1700000.00". */
export function decimalOf({ amount, currency }: Money): string {
  const digits = digitsOf(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  return (amount < 0 ? "-" : "") + whole + (digits ? "." + text.slice(-digits) : "");
}

/** A decimal as people read it: "1,700,000.00". What is no decimal is returned as it is. */
export function grouped(decimal: string): string {
  return decimal.replace(/^(-?\d+)(?=\.\d+$|$)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** A number of a platform's record as people read it, with at least the decimals of its currency. */
export function groupedIn(currency: string, value: string | number): string {
  const [, whole, fraction] = /^(-?\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) return String(value);
  const decimals = (fraction ?? "").padEnd(digitsOf(currency), "0");
  return grouped(decimals ? `${whole}.${decimals}` : whole);
}

/** Reads what a person types: "1,750,000.00", "1 750 000", "1750000". Undefined if it is no amount of the currency. */
export function parseMoney(text: string, currency: string): Money | undefined {
  const plain = text.trim().replace(/^[A-Z]{3}\s*|\s*[A-Z]{3}$/g, "").replace(/(\d)[,\s](?=\d{3}(?!\d))/g, "$1");
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(plain) ?? [];
  const digits = digitsOf(currency);
  if (whole === undefined || fraction.length > digits) return undefined;
  const amount = Number(sign + whole + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(amount) ? { amount, currency } : undefined;
}
