import {
  type Client, eachDifference, getMatches, getReconciliation, type Match, type MatchCandidate, type Platform, type Reconciliation, type RecordDifference, type StoredEntityType,
} from "@structural/sdk";
import { platforms } from "./catalog.ts";
import type { Filter } from "./records.ts";

/** How the platforms agree, as the API says it. */
export interface Report {
  /** Of all records. */
  whole: Reconciliation;
  /** Of those that the filter is about. */
  shown: Reconciliation;
  /** All that there are, accepted ones too, whatever the filter is. */
  differences: readonly RecordDifference[];
}

export interface Suggestions {
  matches: readonly Match[];
  /** There are more than are listed. */
  more: boolean;
  /** They are those of the present records. */
  current: boolean;
}

/** Reads the report and the differences. */
export async function readReport(api: Client, filter: Filter, signal?: AbortSignal): Promise<Report> {
  const filtered = filter.project || filter.customer;
  const [whole, part, differences] = await Promise.all([
    getReconciliation(api, {}, { signal }),
    filtered ? getReconciliation(api, { project_id: filter.project, customer_id: filter.customer }, { signal }) : undefined,
    readDifferences(api, signal),
  ]);
  return { whole, shown: part ?? whole, differences };
}

async function readDifferences(api: Client, signal?: AbortSignal): Promise<RecordDifference[]> {
  const all: RecordDifference[] = [];
  for await (const difference of eachDifference(api, { state: "all", limit: 1000 }, { signal })) all.push(difference);
  return all;
}

/** Reads which records could be one, a thousand of each sort at the most. */
export async function readSuggestions(api: Client, filter: Filter, signal?: AbortSignal): Promise<Suggestions> {
  const pages = await Promise.all((["suggested", "ambiguous"] as const).map((state) =>
    getMatches(api, { state, project_id: filter.project, limit: 1000 }, { signal })));
  return {
    matches: pages.flatMap(({ data }) => data),
    more: pages.some(({ nextCursor }) => nextCursor),
    current: pages.every(({ suggestions }) => suggestions.current),
  };
}

/** What the report says of a kind of record; undefined if there is none. */
export function entityIn(report: Reconciliation | undefined, type: StoredEntityType) {
  return report?.entities.find(({ entity_type }) => entity_type === type);
}

/** How many objects of a kind there are. */
export function countOf(report: Reconciliation, type: StoredEntityType): number {
  const entity = entityIn(report, type);
  return entity ? entity.matched + oneSidedOf(report, type) : 0;
}

/** How many objects of a kind stand on one platform alone. */
export function oneSidedOf(report: Reconciliation, type: StoredEntityType): number {
  return Object.values(entityIn(report, type)?.one_sided ?? {}).reduce((sum, count) => sum + count, 0);
}

/** The differences that a filter is about. */
export function filtered(differences: readonly RecordDifference[], { project, customer }: Filter): RecordDifference[] {
  return differences.filter(({ project_id, customer_id }) => (!project || project_id === project) && (!customer || customer_id === customer));
}

export type ByObject = ReadonlyMap<string, RecordDifference[]>;

/** The differences of each object, by its id. */
export function byObject(differences: readonly RecordDifference[]): ByObject {
  const found = new Map<string, RecordDifference[]>();
  for (const difference of differences) found.set(difference.canonical_id, [...(found.get(difference.canonical_id) ?? []), difference]);
  return found;
}

export function isOpen({ accepted }: RecordDifference): boolean {
  return !accepted;
}

export interface Pair {
  match: Match;
  candidates: MatchCandidate[];
}

/** Each pair of records once, though both sides of it name the other, under the record of the platform that stands first. */
export function pairsOf(matches: readonly Match[]): Pair[] {
  const place = (match: Match) => Math.min(...match.records.map(({ platform }) => platforms.indexOf(platform as Platform)));
  const seen = new Set<string>();
  return [...matches].sort((a, b) => place(a) - place(b)).map((match) => ({
    match,
    candidates: match.candidates.filter((candidate) => {
      const pair = [match.id, candidate.canonical_id].sort().join();
      return !seen.has(pair) && seen.add(pair);
    }),
  })).filter(({ candidates }) => candidates.length);
}

/** How many pairs of records of a type are perhaps the same; of all types without one. */
export function pairsIn({ matches }: Suggestions, type: StoredEntityType | undefined): number {
  return pairsOf(matches.filter(({ entity_type }) => !type || entity_type === type)).reduce((count, { candidates }) => count + candidates.length, 0);
}
