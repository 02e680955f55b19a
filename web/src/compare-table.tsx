import type { RecordDifference } from "@structural/sdk";
import type { ComponentChildren } from "preact";
import { type Entity, labelOf, platformNames, platforms, pointerOf } from "./catalog.ts";
import { DifferenceActions, DifferenceFacts, type Settlement } from "./difference.tsx";
import type { Row } from "./records.ts";
import { isOpen } from "./report.ts";
import { Dot, FieldValue, type Side, sideName, sides, sideValue } from "./values.tsx";

/** A record's fields, each side by side, and the differences of all its fields. */
export function CompareTable({ row, entity, differences, onSettle, onChanged }: {
  row: Row; entity: Entity; differences: readonly RecordDifference[]; onSettle: (settlement: Settlement) => void; onChanged: () => Promise<void>;
}) {
  const present = sides().filter((side) => side === "canonical" || row.records[side]);
  const others = differences.filter(({ field }) => !entity.fields.some(({ name }) => pointerOf(name) === field));
  const shared = { present, onSettle, onChanged };
  return (
    <>
      <table class="compare" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Field</th>
            {present.map((side) => <th key={side} role="columnheader" scope="col"><Dot side={side} />{sideName(side)}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {entity.fields.map((field) => {
            const difference = differences.find((candidate) => candidate.field === pointerOf(field.name));
            return <FieldRow key={field.name} {...shared} name={field.name} kind={field.kind} label={field.label} difference={difference} value={(side) => sideValue(row, field, side, difference)} />;
          })}
          {others.map((difference) => (
            <FieldRow
              key={difference.field} {...shared} name={difference.field} kind="text" label={labelOf(entity, difference.field)} difference={difference}
              value={(side) => <FieldValue field={entity.known.get(difference.field)} value={side === "canonical" ? undefined : difference.values[side]} />}
            />
          ))}
        </tbody>
      </table>
      {platforms.filter((platform) => !row.records[platform]).map((platform) => (
        <p key={platform} class="fine">{platformNames[platform]} has no record of it: a change reaches the other side only.</p>
      ))}
    </>
  );
}

function FieldRow({ name, kind, label, present, difference, value, onSettle, onChanged }: {
  name: string; kind: string; label: string; present: Side[]; difference: RecordDifference | undefined; value: (side: Side) => ComponentChildren;
  onSettle: (settlement: Settlement) => void; onChanged: () => Promise<void>;
}) {
  const open = difference && isOpen(difference);
  return (
    <>
      <tr role="row" data-field={name} class={difference ? open ? "disagree" : "settled" : undefined}>
        <th role="rowheader" scope="row">{label}</th>
        {present.map((side) => (
          <td key={side} role="cell" class={`${kind}${open && difference.values[side] !== undefined ? " differs" : ""}`}>
            <span class="card-only fine" aria-hidden="true">{sideName(side)}</span>
            {value(side) ?? <span class="nothing">–</span>}
          </td>
        ))}
      </tr>
      {difference && (
        <tr role="row" class={open ? "disagree disagreement" : "settled disagreement"}>
          <td role="cell" colSpan={present.length + 1}>
            <DifferenceFacts difference={difference} />
            <DifferenceActions difference={difference} onSettle={onSettle} onChanged={onChanged} />
          </td>
        </tr>
      )}
    </>
  );
}
