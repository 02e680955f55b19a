import type { Change, HistoryDecision, Platform } from "@structural/sdk";
import { type Entity, pathOf, platformNames } from "./catalog.ts";
import type { Row } from "./records.ts";
import { Changes, currenciesOf, Dot, type Side, sideName, type ValueChange } from "./values.tsx";

const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** What was changed in a record, the latest first. */
export function History({ changes, row, entity, onOlder }: { changes: Change[]; row: Row; entity: Entity; onOlder?: () => void }) {
  if (!changes.length) return <p class="empty">Nothing has been changed yet.</p>;
  return (
    <>
      <ol class="history">
        {changes.map((change) => (
          <li key={change.version}>
            <p class="history-head">
              <time dateTime={change.changed_at}>{time.format(new Date(change.changed_at))}</time>
              <span class="fine">
                version {change.version} · by {change.changed_by.mode} key <code title={change.changed_by.key_id}>{change.changed_by.key_id.slice(0, 8)}</code> ·{" "}
                {!change.decision && <>in {change.platform ? `${platformNames[change.platform]}’s words` : "canonical words"} · </>}request <code>{change.request_id}</code>
              </span>
            </p>
            {change.decision && <Decision decision={change.decision} />}
            {change.changes.length > 0 && <Part side="canonical" changes={change.changes.map(named)} />}
            {change.platforms.filter((platform) => platform.changes.length).map((platform) => (
              <Part
                key={platform.platform} side={platform.platform as Platform}
                changes={platform.changes.map(named)} currencyOf={currenciesOf(row, entity.fields, platform.platform as Platform)}
              />
            ))}
          </li>
        ))}
      </ol>
      {onOlder && <button type="button" onClick={onOlder}>Show older changes</button>}
    </>
  );
}

function Decision({ decision: { decision, records, note, withdrawn } }: { decision: HistoryDecision }) {
  return (
    <p class="decision">
      {withdrawn && "Taken back: "}{decision === "same" ? "These records are the same" : "These records are not the same"}{note && <>, <q>{note}</q></>}
      {records.map(({ platform, platform_id }) => <span key={platform} class="fine"><Dot side={platform as Platform} />{platformNames[platform]} <code>{platform_id}</code></span>)}
    </p>
  );
}

function named({ field, from, to }: { field: string; from?: unknown; to?: unknown }): ValueChange {
  return { field: pathOf(field), from, to };
}

function Part({ side, changes, currencyOf }: { side: Side; changes: ValueChange[]; currencyOf?: (path: string) => string | undefined }) {
  return (
    <div class="part">
      <h4><Dot side={side} />{sideName(side)}</h4>
      <Changes changes={changes} currencyOf={currencyOf} />
    </div>
  );
}
