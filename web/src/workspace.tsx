import { deleteDemoSession, type DemoSession, type RecordDifference, type StoredEntityType } from "@structural/sdk";
import { useEffect, useRef, useState } from "preact/hooks";
import { entities, entityOf, platforms } from "./catalog.ts";
import type { Settlement } from "./difference.tsx";
import { Differences } from "./differences.tsx";
import { useLoaded } from "./loading.ts";
import { Matches } from "./matches.tsx";
import { type Choice, Overview } from "./overview.tsx";
import { PlatformCard } from "./platform-card.tsx";
import { Problem } from "./problem.tsx";
import { RecordDialog } from "./record-dialog.tsx";
import { RecordTable, type Show } from "./record-table.tsx";
import { byObject, countOf, entityIn, filtered, isOpen, pairsIn, type Report, type Suggestions } from "./report.ts";
import { Retainage } from "./retainage.tsx";
import { closeRecord, type Route, showRecord, useRoute, type View, views } from "./route.ts";
import { Code, Confirm, CopyButton, usePage, Waiting } from "./ui.tsx";

const noDifferences: RecordDifference[] = [];

/** A session: its key, its platforms, how they agree, their records. */
export function Workspace({ session, fresh, onEnd }: { session: DemoSession; fresh: boolean; onEnd: (message: string) => void }) {
  const route = useRoute();
  const [choice, setChoice] = useState<Choice>({});
  const type = choice.type ?? route.type;
  const { loaded, rows, error, again, reloaded, refresh, more, replace } = useLoaded(choice, type);
  const [show, setShow] = useState<Show>("all");
  const [settling, setSettling] = useState<Settlement>();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { if (fresh) heading.current?.focus(); }, []);

  const settle = (settlement: Settlement) => {
    setSettling(settlement);
    if (route.id !== settlement.id) showRecord(settlement.id);
  };
  const differences = byObject(loaded?.report?.differences ?? noDifferences);

  return (
    <>
      <h1 class="unseen" tabIndex={-1} ref={heading}>Demo session</h1>
      <SessionBar session={session} fresh={fresh} onEnd={onEnd} />
      <section class="platforms" aria-label="Platforms">
        {platforms.map((platform) => (
          <PlatformCard
            key={platform} platform={platform} connection={loaded?.connections[platform]} known={loaded !== undefined} report={loaded?.report?.whole} onConnected={again}
          />
        ))}
      </section>
      {error !== undefined && <Problem error={error} retry={again} />}
      {!loaded && error === undefined && <Waiting>Reading how the platforms agree…</Waiting>}
      {loaded && !loaded.report && (
        <div class="empty">
          <p><strong>Nothing is connected yet.</strong></p>
          <p>Connect a platform above, and its records come in. Connect two, and you see where they disagree.</p>
        </div>
      )}
      {loaded?.report && loaded.suggestions && (
        <>
          <Overview report={loaded.report} suggestions={loaded.suggestions} choice={choice} onChoice={setChoice} />
          <section class="records" aria-labelledby="records-title">
            <h2 id="records-title" class="unseen">Records</h2>
            <Tabs route={{ ...route, type }} choice={choice} report={loaded.report} suggestions={loaded.suggestions} />
            {!route.view && (rows[type]
              ? (
                <RecordTable
                  key={type} entity={entityOf(type)} page={rows[type]} report={loaded.report} differences={differences} connections={loaded.connections}
                  filter={choice} show={show} onShow={setShow} onMore={more}
                />
              )
              : error === undefined && <Waiting>Loading {entityOf(type).many.toLowerCase()}…</Waiting>)}
            {route.view === "differences" && <Differences report={loaded.report} choice={choice} onSettle={settle} onChanged={refresh} />}
            {route.view === "matches" && <Matches suggestions={loaded.suggestions} choice={choice} onChanged={reloaded} />}
            {route.view === "retainage" && <Retainage filter={choice} />}
          </section>
        </>
      )}
      {route.id && (
        <RecordDialog
          key={route.id} id={route.id} differences={differences.get(route.id) ?? noDifferences} settling={settling?.id === route.id ? settling : undefined}
          onSettle={settle} onRow={replace} onStale={refresh} onClose={() => { setSettling(undefined); closeRecord(); }}
        />
      )}
    </>
  );
}

/** The kinds of records, and what there is beside them. */
function Tabs({ route, choice, report, suggestions }: { route: Route; choice: Choice; report: Report; suggestions: Suggestions }) {
  const chosen = entities.filter(({ type }) => !choice.type || choice.type === type);
  const open = filtered(report.differences, choice).filter((difference) => isOpen(difference) && (!choice.type || difference.entity_type === choice.type)).length;
  const counts: Record<View, number> = { differences: open, matches: pairsIn(suggestions, choice.type), retainage: 0 };
  return (
    <nav class="types" aria-label="Records">
      {chosen.map(({ type }) => <TypeLink key={type} type={type} current={!route.view && type === route.type} report={report} />)}
      <span class="divider" aria-hidden="true" />
      {(Object.keys(views) as View[]).map((view) => (
        <a key={view} href={`#${view}`} aria-current={route.view === view ? "page" : undefined}>
          {views[view]}
          {counts[view] > 0 && <span class="count warn">{counts[view]}</span>}
        </a>
      ))}
    </nav>
  );
}

function TypeLink({ type, current, report }: { type: StoredEntityType; current: boolean; report: Report }) {
  const entity = entityOf(type);
  const disagreeing = entityIn(report.shown, type)?.disagreeing;
  return (
    <a href={`#${entity.many.toLowerCase()}`} aria-current={current ? "page" : undefined}>
      {entity.many}
      <span class="count">{countOf(report.shown, type)}</span>
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
