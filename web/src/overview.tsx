import type { Money, ReconciledEntity, Reconciliation, StoredEntityType } from "@structural/sdk";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { type Entity, entities, entityOf, platformNames, platforms } from "./catalog.ts";
import { decimalOf, grouped } from "./money.ts";
import type { Filter } from "./records.ts";
import { entityIn, pairsIn, type Report, type Suggestions } from "./report.ts";
import { Code } from "./ui.tsx";
import { Dot, MoneyValue } from "./values.tsx";

/** Which records are looked at. */
export interface Choice extends Filter {
  type?: StoredEntityType;
}

/** How the platforms agree, in one table: a row for each kind of record. */
export function Overview({ report, suggestions, choice, onChoice }: {
  report: Report; suggestions: Suggestions; choice: Choice; onChoice: (choice: Choice) => void;
}) {
  const { shown } = report;
  const rows = entities.filter(({ type }) => (!choice.type || choice.type === type) && entityIn(shown, type));
  return (
    <section class="overview" aria-labelledby="overview-title">
      <h2 id="overview-title">Do they agree?</h2>
      <Choices report={report} choice={choice} onChoice={onChoice} />
      <table class="sheet" role="table" aria-labelledby="overview-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Kind</th>
            {counted.map(([label]) => <th key={label} role="columnheader" scope="col" class="number">{label}</th>)}
            <th role="columnheader" scope="col" class="number">Perhaps the same</th>
            {platforms.map((platform) => <th key={platform} role="columnheader" scope="col" class="number">Only in {platformNames[platform]}</th>)}
            {platforms.map((platform) => <th key={platform} role="columnheader" scope="col" class="number"><Dot side={platform} />Total in {platformNames[platform]}{inCurrency(shown)}</th>)}
            <th role="columnheader" scope="col" class="number">Difference{inCurrency(shown)}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((entity) => <OverviewRow key={entity.type} entity={entity} figures={entityIn(shown, entity.type)!} suggested={suggestedOf(suggestions, entity.type, choice)} />)}
        </tbody>
      </table>
      {!rows.length && <p class="empty">There are no such records.</p>}
      <Explanation report={shown} suggestions={suggestions} />
      <Code calls={[{ operation: "getReconciliation", project: choice.project, customer: choice.customer }]} />
    </section>
  );
}

const counted: [label: string, (figures: ReconciledEntity) => number, warn?: boolean][] = [
  ["In both", ({ matched }) => matched],
  ["Agree", ({ agreeing }) => agreeing],
  ["Differ", ({ disagreeing }) => disagreeing, true],
  ["Accepted", ({ accepted }) => accepted],
];

function OverviewRow({ entity, figures, suggested }: { entity: Entity; figures: ReconciledEntity; suggested: string }) {
  return (
    <tr role="row" data-entity={entity.type}>
      <th role="rowheader" scope="row">{entity.many}</th>
      {counted.map(([label, count, warn]) => <Cell key={label} label={label} warn={warn && count(figures) > 0} zero={!count(figures)}>{count(figures)}</Cell>)}
      <Cell label="Perhaps the same" zero={suggested === "0"}>{suggested}</Cell>
      {platforms.map((platform) => <Cell key={platform} label={`Only in ${platformNames[platform]}`} zero={!figures.one_sided[platform]}>{figures.one_sided[platform] ?? 0}</Cell>)}
      {platforms.map((platform) => <MoneyCell key={platform} label={`Total in ${platformNames[platform]}`} money={figures.totals[platform]} />)}
      <MoneyCell label="Difference" money={figures.difference} />
    </tr>
  );
}

/** A figure; on a narrow screen it has its label beside it, and is not there if it is zero or nothing. */
function Cell({ label, warn = false, zero = false, money = false, children }: {
  label: string; warn?: boolean; zero?: boolean; money?: boolean; children: ComponentChildren;
}) {
  return <td role="cell" class={`number${money ? " money" : ""}${zero ? " zero" : ""}`}><span class="cell-label" aria-hidden="true">{label}</span> <span class={warn ? "marked" : undefined}>{children}</span></td>;
}

function MoneyCell({ label, money }: { label: string; money: Money | null | undefined }) {
  return <Cell label={money ? `${label}, ${money.currency}` : label} money zero={!money}>{money ? <span class="amount">{grouped(decimalOf(money))}</span> : <span class="nothing">–</span>}</Cell>;
}

function inCurrency({ currency }: Reconciliation) {
  return currency ? `, ${currency}` : "";
}

/** How many pairs of records could be one; by partner the API does not say it. */
function suggestedOf(suggestions: Suggestions, type: StoredEntityType, { customer }: Choice): string {
  if (customer) return "–";
  const count = pairsIn(suggestions, type);
  return suggestions.more ? `${count} or more` : String(count);
}

function Explanation({ report: { conversions, unconverted }, suggestions }: { report: Reconciliation; suggestions: Suggestions }) {
  const [first, second] = platforms;
  return (
    <div class="fine explanation">
      <p>
        A total has all records of a platform, also those that the other one does not have. The difference is {platformNames[second!]} less {platformNames[first!]}.
        {conversions.length > 0 && <> Converted at {conversions.map(({ from, to, rate }) => `1 ${from} = ${rate} ${to}`).join(", ")}.</>}
      </p>
      {unconverted.map(({ entity_type, platform, records, amount }) => (
        <p key={entity_type + platform + amount.currency} class="lost">
          Not in the totals: {records} {entityOf(entity_type).many.toLowerCase()} of {platformNames[platform]}, <MoneyValue money={amount} />. There is no rate.
        </p>
      ))}
      {!suggestions.current && <p>Records that are perhaps the same are being looked for; the figures may be those of before.</p>}
    </div>
  );
}

/** By project, business partner and kind of record. */
function Choices({ report: { whole }, choice, onChoice }: { report: Report; choice: Choice; onChoice: (choice: Choice) => void }) {
  const projects = whole.by_project.flatMap(({ project_id, label }) => (project_id ? [[project_id, label ?? project_id] as const] : []));
  const customers = whole.by_customer.flatMap(({ customer_id, label }) => (customer_id ? [[customer_id, label ?? customer_id] as const] : []));
  const set = (part: Choice) => onChoice({ ...choice, ...part });
  return (
    <div class="choices" role="group" aria-label="Filter">
      <Select label="Project" all="All projects" options={projects} value={choice.project} onValue={(project) => set({ project })} />
      <Select label="Partner" all="All partners" options={customers} value={choice.customer} onValue={(customer) => set({ customer })} />
      <Select
        label="Kind" all="All kinds" options={entities.map(({ type, many }) => [type, many] as const)} value={choice.type}
        onValue={(type) => set({ type: type as StoredEntityType | undefined })}
      />
      {(choice.project || choice.customer || choice.type) && <button type="button" class="quiet" onClick={() => onChoice({})}>Show everything</button>}
      {[whole.more.by_project, whole.more.by_customer].some(Boolean) && <p class="fine">The thousand with the largest differences can be chosen.</p>}
    </div>
  );
}

function Select({ label, all, options, value, onValue }: {
  label: string; all: string; options: readonly (readonly [value: string, label: string])[]; value: string | undefined; onValue: (value: string | undefined) => void;
}) {
  const id = useId();
  const sorted = [...options].sort(([, a], [, b]) => a.localeCompare(b));
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value ?? ""} onChange={(event) => onValue(event.currentTarget.value || undefined)}>
        <option value="">{all}</option>
        {sorted.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
    </span>
  );
}
