import { deleteDemoSession, type DemoSession, getConnections, type StoredEntityType } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { entities, entityOf, platforms } from "./catalog.ts";
import { PlatformCard } from "./platform-card.tsx";
import { Problem } from "./problem.tsx";
import { RecordDialog } from "./record-dialog.tsx";
import { compareRow, type Connections, differences, listRows, type Row, type Rows } from "./records.ts";
import { RecordTable } from "./record-table.tsx";
import { showType, useRoute } from "./route.ts";
import { Code, Confirm, CopyButton, usePage, Waiting } from "./ui.tsx";

/** A session: its key, its platforms, their records. */
export function Workspace({ session, fresh, onEnd }: { session: DemoSession; fresh: boolean; onEnd: (message: string) => void }) {
  const { api } = usePage();
  const route = useRoute();
  const entity = entityOf(route.type);
  const [connections, setConnections] = useState<Connections>();
  const [rows, setRows] = useState<Rows>({});
  const [error, setError] = useState<unknown>();
  const [connected, setConnected] = useState(0); // counts up whenever what is connected has changed
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (fresh) heading.current?.focus(); }, []);

  // Loads what the platforms have, the type that is looked at first. A platform that is connected meanwhile starts it anew.
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const listed = (await getConnections(api, { signal: abort.signal })).connections;
      setConnections(Object.fromEntries(listed.map((connection) => [connection.platform, connection])));
      setError(undefined);
      if (!listed.length) return setRows({});
      for (const { type } of [entity, ...entities.filter((other) => other !== entity)]) {
        const found = await listRows(api, type, abort.signal);
        setRows((all) => ({ ...all, [type]: found }));
        const compared = await Promise.all(found.map((row) => compareRow(api, row, abort.signal)));
        setRows((all) => ({ ...all, [type]: compared }));
      }
    };
    load().catch((failure) => { if (!abort.signal.aborted) setError(failure); });
    return () => abort.abort();
  }, [connected]);

  const again = () => setConnected((count) => count + 1);
  const replace = (row: Row) =>
    setRows((all) => ({ ...all, [row.type]: all[row.type]?.map((other) => (other.id === row.id ? row : other)) }));
  const list = rows[entity.type];

  return (
    <>
      <h1 class="unseen" tabIndex={-1} ref={heading}>Demo session</h1>
      <SessionBar session={session} fresh={fresh} onEnd={onEnd} />
      <section class="platforms" aria-label="Platforms">
        {platforms.map((platform) => (
          <PlatformCard
            key={platform} platform={platform} connection={connections?.[platform]} known={connections !== undefined} rows={rows} onConnected={again}
          />
        ))}
      </section>
      {error !== undefined && <Problem error={error} retry={again} />}
      {!connections && error === undefined && <Waiting>Reading the connections…</Waiting>}
      {connections && (
        <section class="records" aria-labelledby="records-title">
          <h2 id="records-title" class="unseen">Records</h2>
          <nav class="types" aria-label="Kinds of records">
            {entities.map((other) => <TypeLink key={other.type} type={other.type} current={other === entity} rows={rows[other.type]} />)}
          </nav>
          {Object.keys(connections).length
            ? list ? <RecordTable key={entity.type} entity={entity} rows={list} connections={connections} /> : <Waiting>Loading {entity.many.toLowerCase()}…</Waiting>
            : (
              <div class="empty">
                <p><strong>Nothing is connected yet.</strong></p>
                <p>Connect a platform above, and its records come in. Connect two, and you see where they disagree.</p>
              </div>
            )}
        </section>
      )}
      {route.id && <RecordDialog key={route.id} id={route.id} onRow={replace} onClose={() => showType(route.type)} />}
    </>
  );
}

function TypeLink({ type, current, rows }: { type: StoredEntityType; current: boolean; rows: Row[] | undefined }) {
  const entity = entityOf(type);
  const disagreeing = rows?.filter((row) => differences(row, entity).length).length;
  return (
    <a href={`#${entity.many.toLowerCase()}`} aria-current={current ? "page" : undefined}>
      {entity.many}
      {rows && <span class="count">{rows.length}</span>}
      {!!disagreeing && <span class="count warn" title={`${disagreeing} where the platforms disagree`}>≠ {disagreeing}<span class="unseen"> disagree</span></span>}
    </a>
  );
}

function SessionBar({ session, fresh, onEnd }: { session: DemoSession; fresh: boolean; onEnd: (message: string) => void }) {
  const { api, announce } = usePage();
  const [shown, setShown] = useState(fresh);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const remove = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await deleteDemoSession(api);
      announce("Demo session deleted");
      onEnd("The session is deleted, with its key, its connections, records and history. Nothing of it is left.");
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <section class="session" aria-label="Session">
      <div class="session-line">
        <span class="key">
          <span class="fine">API key</span>{" "}
          <code>{shown ? session.api_key : `${session.api_key.slice(0, 8)}••••••••${session.api_key.slice(-4)}`}</code>{" "}
          <CopyButton text={session.api_key} label="Copy the API key" />
          {shown && <button type="button" class="quiet" onClick={() => setShown(false)}>Hide</button>}
        </span>
        <button type="button" class="danger-quiet" onClick={() => setAsking(true)}>Delete session</button>
      </div>
      {shown && <p class="fine">Shown this once: copy it now if you want to use it elsewhere. It stays in this tab until you close it.</p>}
      <Code calls={[{ operation: "deleteDemoSession" }]} title="Deleting, as code" />
      {asking && (
        <Confirm title="Delete this session?" action="Delete session" busy={busy} onConfirm={remove} onClose={() => setAsking(false)}>
          <p>The key stops working at once, and its connections, records, changes and history are removed. This cannot be undone.</p>
          {error !== undefined && <Problem error={error} retry={remove} />}
        </Confirm>
      )}
    </section>
  );
}
