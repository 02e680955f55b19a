import { type Change, getObjectHistory, type RecordDifference } from "@structural/sdk";
import { useEffect, useState } from "preact/hooks";
import { ChangeForm } from "./change-form.tsx";
import { CompareTable } from "./compare-table.tsx";
import { entityOf, platformNames, platforms, valueAt } from "./catalog.ts";
import type { Settlement } from "./difference.tsx";
import { History } from "./history.tsx";
import { Problem } from "./problem.tsx";
import { readRow, type Row } from "./records.ts";
import { Code, CopyButton, Dialog, roomy, usePage, Waiting } from "./ui.tsx";
import { sideName, sides } from "./values.tsx";

/** One record: all sides of it, how to change it, and what was changed. `onStale` reads the differences anew. */
export function RecordDialog({ id, differences, settling, onSettle, onRow, onStale, onClose }: {
  id: string; differences: readonly RecordDifference[]; settling: Settlement | undefined; onSettle: (settlement: Settlement) => void;
  onRow: (row: Row) => void; onStale: () => Promise<void>; onClose: () => void;
}) {
  const { api } = usePage();
  const [row, setRow] = useState<Row>();
  const [history, setHistory] = useState<{ data: Change[]; nextCursor?: string }>();
  const [error, setError] = useState<unknown>();
  const [reads, setReads] = useState(0); // counts up to read anew

  useEffect(() => {
    const abort = new AbortController();
    setError(undefined);
    const current = reads ? onStale() : undefined;
    Promise.all([readRow(api, id, abort.signal), getObjectHistory(api, id, { limit: 20 }, { signal: abort.signal }), current]).then(
      ([found, changes]) => {
        if (abort.signal.aborted) return;
        setRow(found);
        setHistory(changes);
        onRow(found);
      },
      (failure) => { if (!abort.signal.aborted) setError(failure); },
    );
    return () => abort.abort();
  }, [id, reads]);

  const reload = () => setReads((count) => count + 1);
  const older = async () => {
    try {
      const page = await getObjectHistory(api, id, { limit: 20, cursor: history!.nextCursor! });
      setHistory({ ...page, data: [...history!.data, ...page.data] });
    } catch (failure) {
      setError(failure);
    }
  };

  const entity = row && entityOf(row.type);
  const title = row && entity ? `${entity.one} ${String(valueAt(row.canonical, entity.key) ?? row.id)}` : "Record";
  return (
    <Dialog title={title} onClose={onClose} wide>
      {error !== undefined && <Problem error={error} retry={reload} />}
      {!row && error === undefined && <Waiting>Reading the record…</Waiting>}
      {row && entity && (
        <>
          <Identity row={row} />
          <section class="pair" aria-labelledby="compare-title">
            <div>
              <h3 id="compare-title">Side by side</h3>
              <CompareTable row={row} entity={entity} differences={differences} onSettle={onSettle} onChanged={onStale} />
            </div>
            <Code calls={[{ operation: "getObject", id: row.id }]} open={roomy()} />
          </section>
          <ChangeForm
            key={row.id} row={row} entity={entity} settling={settling}
            onReload={reload}
            onApplied={reload}
          />
          <section class="pair" aria-labelledby="history-title">
            <div>
              <h3 id="history-title">History</h3>
              <History changes={history?.data ?? []} row={row} entity={entity} onOlder={history?.nextCursor ? older : undefined} />
            </div>
            <Code calls={[{ operation: "getObjectHistory", id: row.id }]} open={roomy()} />
          </section>
          <section aria-labelledby="json-title">
            <h3 id="json-title">As JSON</h3>
            {sides().map((side) => {
              const record = side === "canonical" ? row.canonical : row.records[side];
              return record && <JSONView key={side} name={sideName(side)} value={record} />;
            })}
          </section>
        </>
      )}
    </Dialog>
  );
}

function Identity({ row }: { row: Row }) {
  return (
    <dl class="identity">
      <div><dt>Canonical id</dt><dd><code>{row.id}</code> <CopyButton text={row.id} label="Copy the canonical id" /></dd></div>
      {platforms.map((platform) => row.platformIds[platform] && (
        <div key={platform}><dt>{platformNames[platform]} id</dt><dd><code>{row.platformIds[platform]}</code></dd></div>
      ))}
      <div><dt>Version</dt><dd data-version>{row.version}</dd></div>
    </dl>
  );
}

/** Large records are written out only when somebody looks. */
function JSONView({ name, value }: { name: string; value: unknown }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="code" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      {open && <pre tabIndex={0} role="group" aria-label={`${name} as JSON`}><code>{JSON.stringify(value, null, 2)}</code></pre>}
    </details>
  );
}
