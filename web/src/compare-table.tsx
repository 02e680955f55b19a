import type { Platform } from "@structural/sdk";
import { type Entity, type Field, platformNames, platforms, valueAt } from "./catalog.ts";
import { differs, differsFromHome, isMarked, type Row } from "./records.ts";
import { Problem } from "./problem.tsx";
import { AnyValue, currenciesOf, Dot, sideName, sides, sideValue } from "./values.tsx";

/** A record's fields, each side by side. */
export function CompareTable({ row, entity, onAgree }: { row: Row; entity: Entity; onAgree: (field: string) => void }) {
  const present = sides().filter((side) => side === "canonical" || row.records[side]);
  return (
    <>
      {row.failure !== undefined && <Problem error={row.failure} />}
      <table class="compare" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Field</th>
            {present.map((side) => <th key={side} role="columnheader" scope="col"><Dot side={side} />{sideName(side)}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {entity.fields.map((field) => {
            const disagree = differs(row, field);
            return (
              <tr key={field.name} role="row" data-field={field.name} class={disagree ? "disagree" : undefined}>
                <th role="rowheader" scope="row">{field.label}</th>
                {present.map((side) => (
                  <td key={side} role="cell" class={`${field.kind}${side !== "canonical" && isMarked(row, field, side) ? " differs" : ""}`}>
                    <span class="card-only fine" aria-hidden="true">{sideName(side)}</span>
                    {sideValue(row, field, side) ?? <span class="nothing">–</span>}
                    {side !== "canonical" && differsFromHome(row, field, side) && <Disagreement row={row} entity={entity} field={field} platform={side} onAgree={onAgree} />}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {platforms.filter((platform) => !row.records[platform]).map((platform) => (
        <p key={platform} class="fine">{platformNames[platform]} has no record of it: a change reaches the other side only.</p>
      ))}
    </>
  );
}

/** What the platform would have if it agreed with the home platform, and the way there. */
function Disagreement({ row, entity, field, platform, onAgree }: {
  row: Row; entity: Entity; field: Field; platform: Platform; onAgree: (field: string) => void;
}) {
  const comparison = row.comparisons?.[platform];
  const [conversion] = comparison?.conversions ?? [];
  const path = field.at[platform]!;
  const home = platformNames[row.home!];
  return (
    <span class="disagreement">
      {field.kind === "money" && (
        <span>
          {home}’s amount is <AnyValue value={magnitude(valueAt(comparison?.ofHome, path))} currency={currenciesOf(row, entity.fields, platform)(path)} />
          {conversion && <>, at {conversion.rate}</>}
        </span>
      )}
      {field.editable && <button type="button" class="quiet" onClick={() => onAgree(field.name)}>Write {home}’s value here</button>}
    </span>
  );
}

function magnitude(value: unknown): unknown {
  return typeof value === "number" ? Math.abs(value) : value;
}
