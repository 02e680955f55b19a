import type { Money, RecordDifference } from "@structural/sdk";
import { type Entity, labelOf, platformNames, platforms, pointerOf, valueAt } from "./catalog.ts";
import type { Connections, Filter, Row, RowPage } from "./records.ts";
import { type ByObject, countOf, entityIn, isOpen, oneSidedOf, type Report } from "./report.ts";
import { showRecord } from "./route.ts";
import { Code } from "./ui.tsx";
import { Dot, type Side, sideName, sides, sideValue } from "./values.tsx";

const shows = {
  all: () => true,
  differ: (_: Row, differences: readonly RecordDifference[]) => differences.some(isOpen),
  single: (row: Row) => platforms.some((platform) => !row.records[platform]),
};
const showNames = { all: "All", differ: "Only differences", single: "On one side only" };
export type Show = keyof typeof shows;

/** The records of a type, all sides side by side. On a narrow screen each row becomes a card. */
export function RecordTable({ entity, page, report, differences, connections, filter, show, onShow, onMore }: {
  entity: Entity; page: RowPage; report: Report; differences: ByObject; connections: Connections; filter: Filter;
  show: Show; onShow: (show: Show) => void; onMore: () => void;
}) {
  const { rows, nextCursor } = page;
  const columns = entity.fields.filter(({ column }) => column);
  const both = platforms.every((platform) => connections[platform]);
  const current = both ? show : "all";
  const shown = rows.filter((row) => shows[current](row, differences.get(row.id) ?? []));
  const counts = {
    all: countOf(report.shown, entity.type), differ: entityIn(report.shown, entity.type)?.disagreeing ?? 0, single: oneSidedOf(report.shown, entity.type),
  };

  return (
    <>
      <div class="filters" role="group" aria-label="Show">
        {(Object.keys(shows) as Show[]).filter((name) => both || name === "all").map((name) => (
          <button key={name} type="button" class="quiet" aria-pressed={current === name} onClick={() => onShow(name)}>
            {showNames[name]} <span class="count">{counts[name]}</span>
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
          {shown.map((row) => <RecordRow key={row.id} entity={entity} row={row} differences={differences.get(row.id) ?? []} connections={connections} />)}
        </tbody>
      </table>
      {!shown.length && <p class="empty">{rows.length ? "None of them." : `There are no ${entity.many.toLowerCase()}.`}</p>}
      {nextCursor && <p class="actions more"><button type="button" onClick={onMore}>Load more</button><span class="fine">{rows.length} records are loaded.</span></p>}
      <Code calls={[{ operation: "getObjects", type: entity.type, project: filter.project, customer: filter.customer }]} />
    </>
  );
}

function RecordRow({ entity, row, differences, connections }: {
  entity: Entity; row: Row; differences: readonly RecordDifference[]; connections: Connections;
}) {
  const key = String(valueAt(row.canonical, entity.key) ?? row.id);
  const title = valueAt(row.canonical, entity.title);
  const open = differences.filter(isOpen);
  const [single] = platforms.filter((platform) => row.records[platform]).length === 1 ? platforms.filter((platform) => row.records[platform]) : [];
  const show = () => showRecord(row.id);

  return (
    <tr
      role="row"
      onClick={(event) => {
        // For the mouse; the button is for everyone. Who selects text does not want to open the record.
        if (!(event.target as Element).closest("button") && !getSelection()?.toString()) show();
      }}
    >
      <th role="rowheader" scope="row">
        <button type="button" class="open" aria-haspopup="dialog" onClick={show}><bdi>{key}</bdi></button>
        {title !== undefined && <span class="title"><bdi>{String(title)}</bdi></span>}
        {open.length > 0 && <span class="tag warn">≠ {summed(open.map(({ field }) => labelOf(entity, field).toLowerCase()))} <span class="unseen">differs</span></span>}
        {!open.length && differences.length > 0 && <span class="tag">difference accepted</span>}
        {single && platforms.every((platform) => connections[platform]) && <span class="tag">{platformNames[single]} only</span>}
      </th>
      {sides().map((side) => <SideCell key={side} entity={entity} row={row} differences={differences} side={side} connected={side === "canonical" || !!connections[side]} />)}
    </tr>
  );
}

/** The first of many names. */
function summed(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}

function SideCell({ entity, row, differences, side, connected }: {
  entity: Entity; row: Row; differences: readonly RecordDifference[]; side: Side; connected: boolean;
}) {
  const columns = entity.fields.filter(({ column }) => column);
  if (side !== "canonical" && !row.records[side]) {
    return <td role="cell" class="absent"><SideName side={side} />{connected ? `No record in ${sideName(side)}` : "Not connected"}</td>;
  }
  const more = side === "canonical" ? entity.more.filter(({ name }) => (valueAt(row.canonical, name) as Money | undefined)?.amount) : [];
  return (
    <td role="cell" class={`side ${side}`}>
      <SideName side={side} />
      <dl class={`columns ${columns[0]?.kind}-first`}>
        {columns.map((field) => {
          const difference = differences.find((candidate) => candidate.field === pointerOf(field.name));
          const marked = side !== "canonical" && difference && isOpen(difference) && difference.values[side] !== undefined;
          return (
            <div key={field.name} class={`${field.kind}${marked ? " differs" : ""}`} data-field={field.name}>
              <dt>{field.label}</dt>
              <dd>{sideValue(row, field, side, difference) ?? <span class="nothing">–</span>}{marked && <span class="unseen"> differs</span>}</dd>
            </div>
          );
        })}
      </dl>
      {more.length > 0 && (
        <dl class="parts">
          {more.map((field) => <div key={field.name} data-field={field.name}><dt>{field.label}</dt><dd>{sideValue(row, field, side, undefined)}</dd></div>)}
        </dl>
      )}
    </td>
  );
}

/** Seen where rows are cards, and have no column heads above them. */
function SideName({ side }: { side: Side }) {
  return <span class="side-name card-only" aria-hidden="true"><Dot side={side} />{sideName(side)}</span>;
}
