import { getRetainageReport, type Money, type RetainageReport, type RetainedContract } from "@structural/sdk";
import { useEffect, useState } from "preact/hooks";
import type { Filter } from "./records.ts";
import { Problem } from "./problem.tsx";
import { showRecord } from "./route.ts";
import { Code, usePage, Waiting } from "./ui.tsx";
import { MoneyValue } from "./values.tsx";

const amounts = { gross: "Gross", retained: "Retained", released: "Released", held: "Still held" } as const;

/** What is held back of each contract and partner. */
export function Retainage({ filter }: { filter: Filter }) {
  const { api } = usePage();
  const [report, setReport] = useState<RetainageReport>();
  const [error, setError] = useState<unknown>();
  const [reads, setReads] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setError(undefined);
    getRetainageReport(api, { project_id: filter.project, customer_id: filter.customer }, { signal: abort.signal }).then(
      setReport, (failure) => { if (!abort.signal.aborted) setError(failure); },
    );
    return () => abort.abort();
  }, [filter.project, filter.customer, reads]);

  if (error !== undefined) return <Problem error={error} retry={() => setReads(reads + 1)} />;
  if (!report) return <Waiting>Reading what is retained…</Waiting>;
  return (
    <>
      <p class="fine intro">What the invoices of a contract hold back (retained), what they pay of it later (released), and what is still held: the one less the other.</p>
      <table class="sheet" role="table" aria-label="Retainage">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Contract</th>
            <th role="columnheader" scope="col">Partner</th>
            <th role="columnheader" scope="col" class="number">Invoices</th>
            {Object.values(amounts).map((label) => <th key={label} role="columnheader" scope="col" class="number">{label}</th>)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {report.contracts.map((row, index) => <RetainedRow key={index} row={row} />)}
        </tbody>
      </table>
      {!report.contracts.length && <p class="empty">There are no invoices.</p>}
      {report.more > 0 && <p class="fine">{report.more} more are not listed.</p>}
      <Code calls={[{ operation: "getRetainageReport", project: filter.project, customer: filter.customer }]} />
    </>
  );
}

function RetainedRow({ row }: { row: RetainedContract }) {
  return (
    <tr role="row" data-contract={row.contract_label}>
      <th role="rowheader" scope="row">
        {row.contract_id
          ? <button type="button" class="open" aria-haspopup="dialog" onClick={() => showRecord(row.contract_id!)}><bdi>{row.contract_label || row.contract_id}</bdi></button>
          : "No contract"}
      </th>
      <td role="cell"><span class="cell-label" aria-hidden="true">Partner</span><bdi>{row.customer_label ?? "No partner"}</bdi></td>
      <td role="cell" class="number">
        <span class="cell-label" aria-hidden="true">Invoices</span>
        <span>
          {row.invoices}
          {row.unknown > 0 && <span class="fine"> + {row.unknown} that say nothing of it</span>}
          {row.left_out > 0 && <span class="fine"> + {row.left_out} in draft, rejected or canceled</span>}
        </span>
      </td>
      {(Object.keys(amounts) as (keyof typeof amounts)[]).map((name) => <RetainedAmount key={name} label={amounts[name]} money={row[name]} />)}
    </tr>
  );
}

function RetainedAmount({ label, money }: { label: string; money: Money | null }) {
  return (
    <td role="cell" class="number">
      <span class="cell-label" aria-hidden="true">{label}</span>
      {money ? <MoneyValue money={money} /> : <span class="nothing">not known</span>}
    </td>
  );
}
