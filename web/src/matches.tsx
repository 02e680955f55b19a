import {
  createMatchDecision, type DecisionWord, deleteMatchDecision, getMatchDecisions, type Match, type MatchCandidate, type MatchDecision, type Page, type Platform,
} from "@structural/sdk";
import { useEffect, useState } from "preact/hooks";
import { entityOf, platformNames } from "./catalog.ts";
import type { Choice } from "./overview.tsx";
import { Problem } from "./problem.tsx";
import { pairsOf, type Suggestions } from "./report.ts";
import { showRecord } from "./route.ts";
import { Code, useFocusAfter, usePage } from "./ui.tsx";
import { Dot, inWords } from "./values.tsx";

const reasons: Record<string, string> = {
  same_key: "Both have the same number, and so has another record.",
  reference_undecided: "Both have the same number, and refer to different records. Decide on those first.",
};

const percents = new Intl.NumberFormat(undefined, { style: "percent" });

/** What is not quite the same is not 100 %. */
const percent = (share: number) => percents.format(Math.floor(share * 100) / 100);

/** What a feature is called, where its name is not the word for it. */
const features: Record<string, string> = { tax_id: "Tax number", email: "E-mail", phone: "Telephone", customer: "Partner", kind: "Kind", postal: "Postal code", postal_code: "Postal code" };

/** Records that are perhaps the same, and what people decided. */
export function Matches({ suggestions, choice, onChanged }: { suggestions: Suggestions; choice: Choice; onChanged: () => Promise<void> }) {
  const pairs = pairsOf(suggestions.matches.filter(({ entity_type }) => !choice.type || entity_type === choice.type));
  const [decisions, setDecisions] = useState<Page<MatchDecision>>();
  const [error, setError] = useState<unknown>();
  const { api } = usePage();
  const focused = useFocusAfter<HTMLHeadingElement>(suggestions.matches);
  const read = async (cursor?: string) => {
    setError(undefined);
    try {
      const page = await getMatchDecisions(api, { entity_type: choice.type, cursor });
      setDecisions((before) => (cursor && before ? { ...page, data: [...before.data, ...page.data] } : page));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => { read(); }, [choice.type]);
  const changed = async () => {
    await Promise.all([onChanged(), read()]);
  };

  return (
    <>
      <section aria-labelledby="pairs-title">
        <h3 id="pairs-title" tabIndex={-1} ref={focused}>Perhaps the same</h3>
        {choice.customer && <p class="fine">These are of all partners: suggestions are not kept by partner.</p>}
        {suggestions.more && <p class="fine">The first thousand of each sort are listed.</p>}
        {!suggestions.current && <p class="fine">They are being looked for, and may be those of before. <button type="button" class="quiet" onClick={onChanged}>Look again</button></p>}
        {!pairs.length && <p class="empty">No record of one platform looks like one of the other that it is not joined with.</p>}
        <ul class="pairs">
          {pairs.map(({ match, candidates }) => (
            <li key={match.id} data-match={match.label}>
              <p class="pair-head">
                <span class="tag">{entityOf(match.entity_type).one}</span>
                {match.records.map(({ platform, platform_id }) => <Named key={platform} platform={platform as Platform} platformId={platform_id} label={match.label} id={match.id} />)}
              </p>
              {candidates.map((candidate) => <Candidate key={candidate.canonical_id + candidate.platform_id} match={match} candidate={candidate} onChanged={changed} />)}
            </li>
          ))}
        </ul>
        <Code calls={[{ operation: "getMatches", project: choice.project, type: choice.type }]} />
        {pairs[0] && <Code title="Same, as code" calls={[{ operation: "createMatchDecision", ...decisionOn(pairs[0].match, pairs[0].candidates[0]!, "same") }]} />}
      </section>
      <section aria-labelledby="decisions-title">
        <h3 id="decisions-title">Decided</h3>
        {error !== undefined && <Problem error={error} retry={() => read()} />}
        {decisions && !decisions.data.length && <p class="empty">Nothing is decided yet.</p>}
        <ul class="pairs decisions">
          {decisions?.data.map((decision) => <Decided key={decision.id} decision={decision} onChanged={changed} />)}
        </ul>
        {decisions?.nextCursor && <button type="button" onClick={() => read(decisions.nextCursor)}>Show older decisions</button>}
        <Code calls={[{ operation: "getMatchDecisions", type: choice.type }]} />
        {decisions?.data[0] && <Code title="Taking back, as code" calls={[{ operation: "deleteMatchDecision", id: decisions.data[0].id }]} />}
      </section>
    </>
  );
}

function Named({ platform, platformId, label, id }: { platform: Platform; platformId: string; label: string; id: string }) {
  return (
    <span class="named">
      <Dot side={platform} /><span class="unseen">{platformNames[platform]}: </span>
      <button type="button" class="open" aria-haspopup="dialog" onClick={() => showRecord(id)}><bdi>{label}</bdi></button> <code>{platformId}</code>
    </span>
  );
}

function Candidate({ match, candidate, onChanged }: { match: Match; candidate: MatchCandidate; onChanged: () => Promise<void> }) {
  const { api } = usePage();
  const { busy, error, run } = useDecision(onChanged);
  const decide = (decision: DecisionWord) => run(() => {
    const { type, records } = decisionOn(match, candidate, decision);
    return createMatchDecision(api, { entity_type: type, decision, records });
  }, decision === "same" ? "Joined" : "Kept apart");
  return (
    <div class="candidate">
      <p>
        <Named platform={candidate.platform as Platform} platformId={candidate.platform_id} label={candidate.label} id={candidate.canonical_id} />{" "}
        <strong class="score">{percent(candidate.score)}</strong>
      </p>
      {reasons[candidate.reason] && <p class="fine">{reasons[candidate.reason]}</p>}
      <p class="fine">{candidate.features.map(({ name, value }) => `${features[name] ?? inWords(name)}: ${likeness(value)}`).join(" · ")}</p>
      <div class="actions">
        {(["same", "different"] as const).map((decision) => (
          <button key={decision} type="button" class="quiet" disabled={busy} onClick={() => decide(decision)}>
            {inWords(decision)}<span class="unseen"> {match.label} and {candidate.label}</span>
          </button>
        ))}
      </div>
      {error !== undefined && <Problem error={error} />}
    </div>
  );
}

function likeness(value: number): string {
  if (value >= 1) return "the same";
  return value <= 0 ? "not the same" : `${percent(value)} alike`;
}

function Decided({ decision, onChanged }: { decision: MatchDecision; onChanged: () => Promise<void> }) {
  const { api } = usePage();
  const { busy, error, run } = useDecision(onChanged);
  return (
    <li>
      <p class="pair-head">
        <span class="tag">{entityOf(decision.entity_type).one}</span>
        <strong>{inWords(decision.decision)}</strong>
        {decision.records.map(({ platform, platform_id }) => <span key={platform}><Dot side={platform as Platform} /><span class="unseen">{platformNames[platform]}: </span><code>{platform_id}</code></span>)}
      </p>
      {decision.note && <p><q>{decision.note}</q></p>}
      <div class="actions">
        <button type="button" class="quiet" disabled={busy} onClick={() => run(() => deleteMatchDecision(api, decision.id), "Taken back")}>Take back<span class="unseen"> {decision.id}</span></button>
        <span class="fine"><time dateTime={decision.decided_at}>{new Date(decision.decided_at).toLocaleString()}</time></span>
      </div>
      {error !== undefined && <Problem error={error} />}
    </li>
  );
}

/** Runs what changes the matches, and says how it went. */
function useDecision(onChanged: () => Promise<void>) {
  const { announce } = usePage();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (attempt: () => Promise<unknown>, done: string) => {
    setBusy(true);
    setError(undefined);
    try {
      await attempt();
      announce(done);
      await onChanged();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return { busy, error, run };
}

/** A decision on a match and a candidate. An object of several records is one already: of "different" one of them says it all. */
function decisionOn(match: Match, candidate: MatchCandidate, decision: DecisionWord) {
  const others = match.records.filter(({ platform }) => platform !== candidate.platform).slice(0, decision === "same" ? undefined : 1);
  return { type: match.entity_type, decision, records: [...others, candidate].map(({ platform, platform_id }) => ({ platform: platform as Platform, platform_id })) };
}
