import { type Connection, connectPlatform, type Platform, type Reconciliation, type StoredEntityType } from "@structural/sdk";
import { useState } from "preact/hooks";
import { entities, platformNames } from "./catalog.ts";
import { Problem } from "./problem.tsx";
import { entityIn } from "./report.ts";
import { Code, Confirm, usePage, Waiting } from "./ui.tsx";
import { Dot } from "./values.tsx";

/** The side of the books that the customer's records are of. */
const ledgerNames = { receivable: "Receivables", payable: "Payables" };

export function PlatformCard({ platform, connection, known, report, onConnected }: {
  platform: Platform; connection: Connection | undefined; known: boolean; report: Reconciliation | undefined; onConnected: () => void;
}) {
  const { api, announce } = usePage();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>();
  const name = platformNames[platform];

  const connect = async () => {
    setAsking(false);
    setBusy(true);
    setError(undefined);
    try {
      const { entities: counts } = await connectPlatform(api, { platform });
      announce(`${name} connected: ${Object.values(counts).reduce((sum, count) => sum + count, 0)} records`);
      onConnected();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };

  return (
    <article class="platform" aria-busy={busy}>
      <header>
        <h2><Dot side={platform} />{name}</h2>
        {connection && <span class="state">Connected</span>}
        {connection?.ledger && <span class="ledger">{ledgerNames[connection.ledger]}</span>}
        {known && (
          <button type="button" class={connection ? "quiet" : "primary"} disabled={busy} onClick={connection ? () => setAsking(true) : connect}>
            {connection ? "Reset" : "Connect"}<span class="unseen"> {name}</span>
          </button>
        )}
      </header>
      {busy && <Waiting>Connecting, and loading the records…</Waiting>}
      {!busy && !connection && <p class="fine">Not connected.</p>}
      {!busy && connection && (
        <dl class="counts">
          {entities.map(({ type, many }) => (
            <div key={type}>
              <dt>{many}</dt>
              <dd>{report ? recordsOf(report, type, platform) : "…"}</dd>
            </div>
          ))}
        </dl>
      )}
      {error !== undefined && <Problem error={error} retry={connect} />}
      <Code calls={[{ operation: "connectPlatform", platform }]} />
      {asking && (
        <Confirm title={`Reset ${name}?`} action="Reset" busy={busy} onConfirm={connect} onClose={() => setAsking(false)}>
          <p>Connecting again replaces its records, and all that was changed in them here, by what {name} has now. The history stays.</p>
        </Confirm>
      )}
    </article>
  );
}

/** How many records of a type a platform has. */
function recordsOf(report: Reconciliation, type: StoredEntityType, platform: Platform): number {
  const entity = entityIn(report, type);
  return entity ? entity.matched + (entity.one_sided[platform] ?? 0) : 0;
}
