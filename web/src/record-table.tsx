import { useState } from "preact/hooks";
import { type Entity, platformNames, platforms, valueAt } from "./catalog.ts";
import { type Connections, differences, isMarked, type Row } from "./records.ts";
import { showRecord } from "./route.ts";
import { Code } from "./ui.tsx";
import { Dot, type Side, sideName, sides, sideValue } from "./values.tsx";

const filters = {
  all: () => true,
  differ: (row: Row, entity: Entity) => differences(row, entity).length > 0,
  single: (row: Row) => platforms.some((platform) => !row.records[platform]),
};
const filterNames = { all: "All", differ: "Disagree", single: "On one side only" };
type Filter = keyof typeof filters;

/** The records of a type, both platforms and the canonical object side by side. On a narrow screen each row becomes a card. */
export function RecordTable({ entity, rows, connections }: { entity: Entity; rows: Row[]; connections: Connections }) {
  const [filter, setFilter] = useState<Filter>("all");
  const columns = entity.fields.filter(({ column }) => column);
  const shown = rows.filter((row) => filters[filter](row, entity));
  const both = platforms.every((platform) => connections[platform]);

  return (
    <>
      <div class="filters" role="group" aria-label="Filter">
        {(Object.keys(filters) as Filter[]).filter((name) => both || name === "all").map((name) => (
          <button key={name} type="button" class="quiet" aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {filterNames[name]} <span class="count">{rows.filter((row) => filters[name](row, entity)).length}</span>
          </button>
        ))}
      </div>
      {/* Where display makes blocks of it, a table is one to assistive technology only by its roles. */}
      <table class="records-table" role="table" aria-label={entity.many}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">{entity.one}</th>
            {sides().map((side) => (
              <th key={side} role="columnheader" scope="col">
                <span class="side-name"><Dot side={side} />{sideName(side)}</span>
                <span class={`columns ${columns[0]?.kind}-first`} aria-hidden="true">{columns.map(({ name, kind, label }) => <span key={name} class={kind}>{label}</span>)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((row) => <RecordRow key={row.id} entity={entity} row={row} connections={connections} />)}
        </tbody>
      </table>
      {!shown.length && <p class="empty">{rows.length ? "None of them." : `There are no ${entity.many.toLowerCase()}.`}</p>}
      <Code calls={platforms.filter((platform) => connections[platform]).map((platform) => ({ operation: "getObjects", platform, type: entity.type }))} />
    </>
  );
}

function RecordRow({ entity, row, connections }: { entity: Entity; row: Row; connections: Connections }) {
  const key = String(valueAt(row.canonical, entity.key) ?? row.id);
  const title = valueAt(row.canonical, entity.title);
  const differing = differences(row, entity);
  const [single] = platforms.filter((platform) => row.records[platform]).length === 1 ? platforms.filter((platform) => row.records[platform]) : [];
  const open = () => showRecord({ type: row.type, id: row.id });

  return (
    <tr
      role="row"
      onClick={(event) => {
        // For the mouse; the button is for everyone. Who selects text does not want to open the record.
        if (!(event.target as Element).closest("button") && !getSelection()?.toString()) open();
      }}
    >
      <th role="rowheader" scope="row">
        <button type="button" class="open" aria-haspopup="dialog" onClick={open}><bdi>{key}</bdi></button>
        {title !== undefined && <span class="title"><bdi>{String(title)}</bdi></span>}
        {differing.length > 0 && <span class="tag warn">≠ {differing.map(({ label }) => label.toLowerCase()).join(", ")} <span class="unseen">differs</span></span>}
        {single && platforms.every((platform) => connections[platform]) && <span class="tag">{platformNames[single]} only</span>}
        {row.failure !== undefined && <span class="tag warn">not compared</span>}
      </th>
      {sides().map((side) => <SideCell key={side} entity={entity} row={row} side={side} connected={side === "canonical" || !!connections[side]} />)}
    </tr>
  );
}

function SideCell({ entity, row, side, connected }: { entity: Entity; row: Row; side: Side; connected: boolean }) {
  const columns = entity.fields.filter(({ column }) => column);
  if (side !== "canonical" && !row.records[side]) {
    return <td role="cell" class="absent"><SideName side={side} />{connected ? `No record in ${sideName(side)}` : "Not connected"}</td>;
  }
  return (
    <td role="cell" class={`side ${side}`}>
      <SideName side={side} />
      <dl class={`columns ${columns[0]?.kind}-first`}>
        {columns.map((field) => {
          const marked = side !== "canonical" && isMarked(row, field, side);
          return (
            <div key={field.name} class={`${field.kind}${marked ? " differs" : ""}`} data-field={field.name}>
              <dt>{field.label}</dt>
              <dd>{sideValue(row, field, side) ?? <span class="nothing">{row.views || row.failure || side === "canonical" ? "–" : "…"}</span>}{marked && <span class="unseen"> differs</span>}</dd>
            </div>
          );
        })}
      </dl>
    </td>
  );
}

/** Seen where rows are cards, and have no column heads above them. */
function SideName({ side }: { side: Side }) {
  return <span class="side-name card-only" aria-hidden="true"><Dot side={side} />{sideName(side)}</span>;
}
