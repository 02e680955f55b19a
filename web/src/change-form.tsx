import { type Money, type Patch, propagateChange, type PropagateResult, StructuralError } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { Effect } from "./effect.tsx";
import { type Entity, type Field, valueAt } from "./catalog.ts";
import { FieldInput } from "./field-input.tsx";
import { decimalOf, grouped, parseMoney } from "./money.ts";
import { Problem } from "./problem.tsx";
import type { Row } from "./records.ts";
import { Code, roomy, usePage } from "./ui.tsx";

interface Preview {
  data: Patch;
  result: PropagateResult;
  row: Row;
  /** Of the change that the preview is of: a repetition is known by it. */
  idempotencyKey: string;
}

/** Changes a record: what is typed, its effect on each platform before it is made, then the change itself. */
export function ChangeForm({ row, entity, settling, onApplied, onReload }: {
  row: Row; entity: Entity; settling: { data: Patch } | undefined; onApplied: () => void; onReload: () => void;
}) {
  const { api, announce } = usePage();
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [preview, setPreview] = useState<Preview>();
  const [busy, setBusy] = useState<"preview" | "apply">();
  const [failed, setFailed] = useState<{ error: unknown; applying: boolean }>();
  const [done, setDone] = useState(false);
  const outcome = useRef<HTMLDivElement>(null);
  // What was asked for is below, and the button that asked for it may be gone.
  useEffect(() => outcome.current?.focus(), [preview, done]);

  const fields = entity.fields.filter((field) => field.editable && (field.kind !== "money" || valueAt(row.canonical, field.name)));
  const inputs = fields.map((field) => ({ field, ...readInput(row, field, typed[field.name]) }));
  const data: Patch = Object.fromEntries(inputs.filter(({ changed }) => changed).map(({ field, value }) => [field.name, value]));
  const invalid = inputs.some(({ error }) => error);
  // Before anything is typed, the code shows a change to what is there already.
  const example: Patch = Object.keys(data).length && !invalid ? data : Object.fromEntries(fields.slice(0, 1).map(({ name }) => [name, valueAt(row.canonical, name)]));
  const call = { operation: "propagateChange", id: row.id, type: row.type } as const;

  const run = async (applying: boolean, attempt: () => Promise<void>) => {
    setBusy(applying ? "apply" : "preview");
    setFailed(undefined);
    try {
      await attempt();
    } catch (error) {
      setFailed({ error, applying });
      // The record is another one now: what was previewed is of no use.
      if (error instanceof StructuralError && error.status === 412) setPreview(undefined);
    }
    setBusy(undefined);
  };

  const show = (patch: Patch) => run(false, async () => {
    setDone(false);
    setPreview(undefined);
    const result = await propagateChange(
      api, { format: "canonical", canonical_id: row.id, entity_type: row.type, data: patch, dry_run: true }, { ifMatch: row.version },
    );
    setPreview({ data: patch, result, row, idempotencyKey: randomKey() });
    announce("The effect is shown below; nothing is written yet");
  });

  const apply = () => preview && run(true, async () => {
    await propagateChange(
      api, { format: "canonical", canonical_id: row.id, entity_type: row.type, data: preview.data },
      { ifMatch: preview.row.version, idempotencyKey: preview.idempotencyKey },
    );
    setPreview(undefined);
    setTyped({});
    setDone(true);
    announce("The change is made");
    onApplied();
  });

  useEffect(() => {
    if (settling) show(settling.data);
  }, [settling]);

  const edit = (field: Field, text: string) => {
    setTyped({ ...typed, [field.name]: text });
    setPreview(undefined);
    setDone(false);
  };
  const changing = entity.one.toLowerCase();
  const stale = failed?.error instanceof StructuralError && failed.error.status === 412;

  return (
    <section class="pair" aria-labelledby="change-title">
      <div>
        <h3 id="change-title">Change</h3>
        <form noValidate onSubmit={(event) => { event.preventDefault(); if (Object.keys(data).length && !invalid && !stale && !busy) show(data); }}>
          <div class="fields">
            {inputs.map(({ field, text, error }) => (
              <FieldInput key={field.name} field={field} text={text} error={error} currency={(valueAt(row.canonical, field.name) as Partial<Money> | undefined)?.currency} onText={(value) => edit(field, value)} />
            ))}
          </div>
          <div class="actions">
            <button type="submit" class={preview ? undefined : "primary"} disabled={!Object.keys(data).length || invalid || stale || busy !== undefined}>
              {busy === "preview" ? "Previewing…" : "Preview the effect"}
            </button>
            {Object.keys(typed).length > 0 && <button type="button" class="quiet" onClick={() => { setTyped({}); setPreview(undefined); setFailed(undefined); }}>Discard</button>}
            {!Object.keys(data).length && !preview && !done && <span class="fine">Type a change; the preview writes nothing.</span>}
          </div>
        </form>
        {failed && (
          <Problem
            error={failed.error} changing={changing}
            retry={failed.applying ? apply : () => show(preview?.data ?? data)}
            reload={() => { setFailed(undefined); onReload(); }}
          />
        )}
        {preview && (
          <div class="preview" role="group" aria-label="Effect" tabIndex={-1} ref={outcome}>
            <h4>Effect <span class="fine">A dry run: nothing is written yet.</span></h4>
            <Effect result={preview.result} row={preview.row} entity={entity} />
            <div class="actions">
              {changesAnything(preview.result)
                ? <button type="button" class="primary" onClick={apply} disabled={busy !== undefined}>{busy === "apply" ? "Applying…" : "Apply the change"}</button>
                : <span class="fine">There is nothing to apply.</span>}
            </div>
          </div>
        )}
        {done && <div class="notice" tabIndex={-1} ref={outcome}>Changed, on every platform at once.</div>}
      </div>
      <div>
        <Code title="Preview, as code" open={roomy()} calls={[{ ...call, data: preview?.data ?? example, dryRun: true, ifMatch: row.version }]} />
        {preview && <Code title="Change, as code" open={roomy()} calls={[{ ...call, data: preview.data, ifMatch: preview.row.version, idempotencyKey: preview.idempotencyKey }]} />}
      </div>
    </section>
  );
}

function changesAnything({ canonical, propagated }: PropagateResult): boolean {
  return [canonical, ...Object.values(propagated)].some(({ updated_fields }) => updated_fields.length > 0);
}

/** What stands in a field's input, and what it says as a value of a patch. */
function readInput(row: Row, field: Field, typed: string | undefined): { text: string; value: unknown; changed: boolean; error?: string } {
  const value = valueAt(row.canonical, field.name);
  const original = field.kind === "money" && value ? grouped(decimalOf(value as Money)) : String(value ?? "");
  if (typed === undefined || typed.trim() === original) return { text: typed ?? original, value, changed: false };
  if (field.kind !== "money") return { text: typed, value: typed.trim() || null, changed: true };
  const { currency } = value as Money;
  const money = parseMoney(typed, currency);
  if (!money) return { text: typed, value: undefined, changed: true, error: `Not an amount in ${currency}: write it as ${original}.` };
  return { text: typed, value: money, changed: money.amount !== (value as Money).amount };
}

/** 128 random bits; crypto.randomUUID is not there on pages without TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
