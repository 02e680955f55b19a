import { type Entity, type Field, platformNames, platforms, valueAt } from "./entities.ts";
import { differs, type Row } from "./records.ts";
import { Problem } from "./problem.tsx";
import { AnyValue, currenciesOf, sideNames, sides, sideValue } from "./values.tsx";

/** A record's fields, each side by side. */
export function CompareTable({ row, entity, onAgree }: { row: Row; entity: Entity; onAgree: (field: string) => void }) {
  const present = sides.filter((side) => side === "canonical" || row.records[side]);
  return (
    <>
      {row.failure !== undefined && <Problem error={row.failure} />}
      <table class="compare" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Field</th>
            {present.map((side) => <th key={side} role="columnheader" scope="col"><i class={`dot ${side}`} />{sideNames[side]}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {entity.fields.map((field) => {
            const disagree = differs(row, field);
            return (
              <tr key={field.name} role="row" data-field={field.name} class={disagree ? "disagree" : undefined}>
                <th role="rowheader" scope="row">{field.label}</th>
                {present.map((side) => (
                  <td key={side} role="cell" class={`${field.kind}${disagree && side !== "canonical" ? " differs" : ""}`}>
                    <span class="card-only fine" aria-hidden="true">{sideNames[side]}</span>
                    {sideValue(row, field, side) ?? <span class="nothing">–</span>}
                    {disagree && side === "dynamics" && <Disagreement row={row} entity={entity} field={field} onAgree={onAgree} />}
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

/** What Business Central would have if it agreed, and the way there. */
function Disagreement({ row, entity, field, onAgree }: { row: Row; entity: Entity; field: Field; onAgree: (field: string) => void }) {
  const [conversion] = row.conversions ?? [];
  return (
    <span class="disagreement">
      {field.kind === "money" && (
        <span>
          Procore’s amount is <AnyValue value={magnitude(valueAt(row.translated?.dynamics, field.at.dynamics))} currency={currenciesOf(row, entity.fields, "dynamics")(field.at.dynamics)} />
          {conversion && <>, at {conversion.rate}</>}
        </span>
      )}
      {field.editable && <button type="button" class="quiet" onClick={() => onAgree(field.name)}>Write Procore’s value here</button>}
    </span>
  );
}

function magnitude(value: unknown): unknown {
  return typeof value === "number" ? Math.abs(value) : value;
}
