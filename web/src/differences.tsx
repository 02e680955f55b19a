import type { Money, RecordDifference } from "@structural/sdk";
import { useState } from "preact/hooks";
import { entityOf, knownField, labelOf, platformNames, platforms } from "./catalog.ts";
import { DifferenceActions, DifferenceFacts, type Settlement } from "./difference.tsx";
import { downloadDifferences, type Format, formats } from "./download.ts";
import type { Choice } from "./overview.tsx";
import { Problem } from "./problem.tsx";
import { filtered, isOpen, type Report } from "./report.ts";
import { showRecord } from "./route.ts";
import { Code, useFocusAfter, usePage } from "./ui.tsx";
import { Dot, FieldValue, MoneyValue } from "./values.tsx";

const atOnce = 100;

/** What the platforms say differently, field by field, and what can be done about it. */
export function Differences({ report, choice, onSettle, onChanged }: {
  report: Report; choice: Choice; onSettle: (settlement: Settlement) => void; onChanged: () => Promise<void>;
}) {
  const [state, setState] = useState<"open" | "accepted">("open");
  const [limit, setLimit] = useState(atOnce);
  const chosen = filtered(report.differences, choice).filter(({ entity_type }) => !choice.type || entity_type === choice.type);
  const lists = { open: chosen.filter(isOpen), accepted: chosen.filter((difference) => !isOpen(difference)) };
  const list = lists[state];
  const sums = sumsOf(list);
  const focused = useFocusAfter<HTMLTableElement>(report.differences);

  return (
    <>
      <div class="filters">
        <span class="segments" role="group" aria-label="State">
          {(["open", "accepted"] as const).map((name) => (
            <button key={name} type="button" class="quiet" aria-pressed={state === name} onClick={() => setState(name)}>
              {name === "open" ? "Open" : "Accepted"} <span class="count">{lists[name].length}</span>
            </button>
          ))}
        </span>
        <Downloads choice={choice} state={state} />
      </div>
      {list.length > 0 && (
        <p class="sum">
          {sums.length
            ? <>The differences of money in this list come to {sums.map((money, index) => <span key={money.currency}>{index > 0 && ", "}<strong data-sum={money.currency}><MoneyValue money={money} /></strong></span>)}.</>
            : "No difference in this list is one of money."}
        </p>
      )}
      <table class="sheet differences" role="table" aria-label="Differences" tabIndex={-1} ref={focused}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Record</th>
            <th role="columnheader" scope="col">Field</th>
            {platforms.map((platform) => <th key={platform} role="columnheader" scope="col"><Dot side={platform} />{platformNames[platform]}</th>)}
            <th role="columnheader" scope="col">What to do</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {list.slice(0, limit).map((difference) => (
            <DifferenceRow key={difference.canonical_id + difference.field} difference={difference} onSettle={onSettle} onChanged={onChanged} />
          ))}
        </tbody>
      </table>
      {!list.length && <p class="empty">{state === "open" ? "No open difference: what both platforms say is the same." : "No difference is accepted."}</p>}
      {list.length > limit && <p class="actions more"><button type="button" onClick={() => setLimit(limit + atOnce)}>Show more</button><span class="fine">{limit} of {list.length} are shown.</span></p>}
      <Code calls={[{ operation: "getReconciliationDifferences", ...choice, state }]} />
      {list[0]?.accepted && <Code title="Taking back, as code" calls={[{ operation: "deleteAcceptedDifference", id: list[0].accepted.id }]} />}
    </>
  );
}

function DifferenceRow({ difference, onSettle, onChanged }: {
  difference: RecordDifference; onSettle: (settlement: Settlement) => void; onChanged: () => Promise<void>;
}) {
  const { canonical_id, entity_type, label, field, values } = difference;
  const entity = entityOf(entity_type);
  return (
    <tr role="row" data-difference={`${label} ${field}`}>
      <th role="rowheader" scope="row">
        <button type="button" class="open" aria-haspopup="dialog" onClick={() => showRecord(canonical_id)}><bdi>{label || canonical_id}</bdi></button>
        <span class="title">{entity.one}</span>
      </th>
      <td role="cell"><span class="cell-label" aria-hidden="true">Field</span>{labelOf(entity, field)}</td>
      {platforms.map((platform) => (
        <td key={platform} role="cell">
          <span class="cell-label" aria-hidden="true">{platformNames[platform]}</span>
          {values[platform] === undefined ? <span class="nothing">–</span> : <span class="value"><FieldValue field={knownField(entity, field)} value={values[platform]} /></span>}
        </td>
      ))}
      <td role="cell" class="doing">
        <DifferenceFacts difference={difference} />
        <DifferenceActions difference={difference} onSettle={onSettle} onChanged={onChanged} />
      </td>
    </tr>
  );
}

/** What the differences come to, in each currency that they are in. */
function sumsOf(differences: readonly RecordDifference[]): Money[] {
  const sums = new Map<string, number>();
  for (const { difference } of differences) {
    if (difference) sums.set(difference.currency, (sums.get(difference.currency) ?? 0) + difference.amount);
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}

function Downloads({ choice, state }: { choice: Choice; state: "open" | "accepted" }) {
  const { api, announce } = usePage();
  const [busy, setBusy] = useState<Format>();
  const [failed, setFailed] = useState<{ error: unknown; format: Format }>();
  const download = async (format: Format) => {
    setBusy(format);
    setFailed(undefined);
    try {
      await downloadDifferences(api, format, { project_id: choice.project, customer_id: choice.customer, entity_type: choice.type, state });
      announce("Downloaded");
    } catch (error) {
      setFailed({ error, format });
    }
    setBusy(undefined);
  };
  return (
    <>
      {(Object.keys(formats) as Format[]).map((format) => (
        <button key={format} type="button" class="quiet" disabled={busy !== undefined} onClick={() => download(format)}>
          {busy === format ? "Downloading…" : `Download ${formats[format].name}`}
        </button>
      ))}
      {failed && <Problem error={failed.error} retry={() => download(failed.format)} />}
    </>
  );
}
