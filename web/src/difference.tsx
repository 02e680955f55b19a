import { acceptDifference, deleteAcceptedDifference, type Patch, type Platform, type RecordDifference } from "@structural/sdk";
import { useId, useState } from "preact/hooks";
import { entityOf, knownField, labelOf, platformNames, platforms } from "./catalog.ts";
import { Problem } from "./problem.tsx";
import { Code, usePage } from "./ui.tsx";
import { MoneyValue } from "./values.tsx";

/** What a difference is settled with: a change of one field. */
export interface Settlement {
  id: string;
  data: Patch;
}

const kinds: Record<string, string> = {
  approximated: "One platform cannot say it exactly, and has the closest.",
  incomparable: "There is no rate between the currencies.",
};
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** How much a difference of money is, and what is special about it. */
export function DifferenceFacts({ difference: { difference, kind, more } }: { difference: RecordDifference }) {
  const [first, second] = platforms;
  return (
    <>
      {difference && <span>{platformNames[second!]} less {platformNames[first!]}: <MoneyValue money={difference} /></span>}
      {kinds[kind] && <span class="fine">{kinds[kind]}</span>}
      {more > 0 && <span class="fine">The record has {more} more differences, which are not listed.</span>}
    </>
  );
}

/** The ways to settle a difference: one platform's value for all, or leave it as it is. */
export function DifferenceActions({ difference, onSettle, onChanged }: {
  difference: RecordDifference; onSettle: (settlement: Settlement) => void; onChanged: () => Promise<void>;
}) {
  const { api, announce } = usePage();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const { accepted, canonical_id, field, values } = difference;
  const what = `, ${difference.label} ${labelOf(entityOf(difference.entity_type), field).toLowerCase()}`;

  const run = async (attempt: () => Promise<unknown>, done: string) => {
    setBusy(true);
    setError(undefined);
    try {
      await attempt();
      announce(done);
      setAsking(false);
      await onChanged();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const accept = (note: string) => run(() => acceptDifference(api, { canonical_id, field, ...(note && { note }) }), "Accepted");
  const takeBack = () => run(() => deleteAcceptedDifference(api, accepted!.id), "Open again");

  return (
    <div class="settle">
      {accepted && (
        <span class="accepted">
          Accepted on <time dateTime={accepted.accepted_at}>{day.format(new Date(accepted.accepted_at))}</time>
          {accepted.note ? <>: <q>{accepted.note}</q></> : "."}
        </span>
      )}
      {accepted && <button type="button" class="quiet" disabled={busy} onClick={takeBack}>Take back<span class="unseen">{what}</span></button>}
      {!accepted && !asking && (
        <>
          {platforms.filter((platform) => canTake(difference, platform)).map((platform) => (
            <button key={platform} type="button" class="quiet" onClick={() => onSettle({ id: canonical_id, data: patchOf(field, values[platform]) })}>
              Take {platformNames[platform]}’s<span class="unseen"> value{what}</span>
            </button>
          ))}
          <button type="button" class="quiet" onClick={() => setAsking(true)}>Accept<span class="unseen">{what}</span></button>
        </>
      )}
      {asking && <AcceptForm difference={difference} busy={busy} onAccept={accept} onCancel={() => setAsking(false)} />}
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}

function AcceptForm({ difference, busy, onAccept, onCancel }: {
  difference: RecordDifference; busy: boolean; onAccept: (note: string) => void; onCancel: () => void;
}) {
  const [typed, setTyped] = useState("");
  const id = useId();
  const note = typed.trim();
  return (
    <>
      <form class="accept" onSubmit={(event) => { event.preventDefault(); if (!busy) onAccept(note); }}>
        <label for={id}>Why <span class="fine">if you like</span></label>
        <input id={id} type="text" maxLength={500} autoComplete="off" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit" disabled={busy}>Accept it as it is</button>
        <button type="button" class="quiet" onClick={onCancel}>Cancel</button>
      </form>
      <Code title="Accepting, as code" calls={[{ operation: "acceptDifference", id: difference.canonical_id, field: difference.field, note: note || undefined }]} />
    </>
  );
}

/** Whether the platform's value is known as a whole, and is one that a change can name: of a longer text only the beginning is listed. */
function canTake({ entity_type, field, values }: RecordDifference, platform: Platform): boolean {
  const value = values[platform];
  if (value === undefined || field.startsWith("/lines") || !knownField(entityOf(entity_type), field)?.editable) return false;
  return typeof value !== "string" || new TextEncoder().encode(value).length < 196;
}

/** The change that sets one field: /address/city is {address: {city: …}}. */
function patchOf(pointer: string, value: unknown): Patch {
  const [name, ...nested] = pointer.slice(1).split("/");
  return { [name!]: nested.length ? patchOf(`/${nested.join("/")}`, value) : value };
}
