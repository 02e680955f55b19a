import { call, type CallOptions, type Client, versionOf } from "./client.js";
import { StructuralError } from "./error.js";
import type {
  AcceptDifferenceRequest,
  CanonicalObjectDetails,
  CanonicalObjectsResponse,
  Change,
  ConnectionsResponse,
  ConnectRequest,
  ConnectResponse,
  HealthDegradedResponse,
  HealthResponse,
  ImportResponse,
  Match,
  MatchDecision,
  MatchDecisionRequest,
  MatchesResponse,
  Object as PlatformObject,
  ObjectResponse,
  ObjectsResponse,
  operations,
  Platform,
  PlatformsResponse,
  PostingSettings,
  PostingSettingsResponse,
  Reconciliation,
  RecordDifference,
  RetainageReport,
  SettingsCoverageResponse,
  TransformRequest,
  TransformResponse,
} from "./gen/schema.js";

/** A part of a list. */
export interface Page<T> {
  data: T[];
  /** The `cursor` of the page after this one; absent on the last one. */
  nextCursor?: string;
}

export type DemoSession = operations["createDemoSession"]["responses"][201]["content"]["application/json"]["data"];
/** Which records are listed, and which filters they meet. */
export type GetObjectsQuery = Omit<operations["getObjects"]["parameters"]["query"], "view" | "platform"> & { platform: Platform };
/** Which objects are listed; with `platform`, only those with a record there. */
export type GetCanonicalObjectsQuery = Omit<GetObjectsQuery, "platform"> & { platform?: Platform };
export type GetObjectHistoryQuery = NonNullable<operations["getObjectHistory"]["parameters"]["query"]>;
export type GetReconciliationQuery = NonNullable<operations["getReconciliation"]["parameters"]["query"]>;
export type GetReconciliationDifferencesQuery = NonNullable<operations["getReconciliationDifferences"]["parameters"]["query"]>;
export type GetRetainageReportQuery = NonNullable<operations["getRetainageReport"]["parameters"]["query"]>;

/** Creates an isolated customer with an API key of its own. At most 5 a minute for each client address. */
export async function createDemoSession(client: Client, options: CallOptions = {}): Promise<DemoSession> {
  // A session that is lost on the way back would stay behind.
  return (await call(client, "post", "/demo/session", { once: true }, options)).body.data;
}

/** Deletes the demo customer whose key this is, with all that it owns, the key included. */
export async function deleteDemoSession(client: Client, options: CallOptions = {}): Promise<void> {
  await call(client, "delete", "/demo/session", {}, options);
}

/** Tells how the server is. That it is not well is no error: `status` is then "degraded". */
export async function getHealth(
  client: Client,
  options: CallOptions = {},
): Promise<HealthResponse["data"] | HealthDegradedResponse["data"]> {
  try {
    return (await call(client, "get", "/health", { once: true }, options)).body.data;
  } catch (error) {
    const degraded = error instanceof StructuralError && error.status === 503 && (error.body as HealthDegradedResponse | null)?.data;
    if (!degraded) throw error;
    return degraded;
  }
}

/** Lists the platforms, the kinds of records with their fields, and the currencies. It needs no key. */
export async function getPlatforms(client: Client, options: CallOptions = {}): Promise<PlatformsResponse["data"]> {
  return (await call(client, "get", "/platforms", {}, options)).body.data;
}

/** Connects a platform and loads its records; connecting it again is a reset. */
export async function connectPlatform(client: Client, request: ConnectRequest, options: CallOptions = {}): Promise<ConnectResponse["data"]> {
  return (await call(client, "post", "/connect", { body: request }, options)).body.data;
}

/** Lists the connected platforms. */
export async function getConnections(client: Client, options: CallOptions = {}): Promise<ConnectionsResponse["data"]> {
  return (await call(client, "get", "/connections", {}, options)).body.data;
}

export type ImportQuery = operations["importRecords"]["parameters"]["query"];

/**
 * Imports records of a platform: NDJSON, one JSON object a line. A stream is sent as it comes. Lines that were not taken are counted in
 * the answer, and are no error. It is not repeated.
 */
export async function importRecords(
  client: Client,
  platform: Platform,
  query: ImportQuery,
  records: BodyInit,
  options: CallOptions = {},
): Promise<ImportResponse["data"]> {
  const raw = { body: records, type: "application/x-ndjson" };
  return (await call(client, "post", "/connections/{platform}/records", { path: { platform }, query, raw, once: true }, options)).body.data;
}

/** The settings of a connection. `version` counts how often they were set; 0: never. */
export interface StoredSettings {
  settings: PostingSettings;
  version: number;
}

export interface SetSettingsOptions extends CallOptions {
  /** The `version` that the settings must still have; else they are refused with 412. They are not repeated then. */
  ifMatch?: number | undefined;
}

/** Returns how documents are posted on a connected platform. */
export async function getConnectionSettings(
  client: Client,
  platform: Platform,
  options: CallOptions = {},
): Promise<StoredSettings> {
  return stored(await call(client, "get", "/connections/{platform}/settings", { path: { platform } }, options));
}

/** Replaces the settings of a connected platform. What they leave out goes back to its default. */
export async function setConnectionSettings(
  client: Client,
  platform: Platform,
  settings: PostingSettings,
  { ifMatch, ...options }: SetSettingsOptions = {},
): Promise<StoredSettings> {
  const named = ifMatch !== undefined;
  const headers = { "If-Match": named ? `"${ifMatch}"` : undefined };
  return stored(await call(client, "put", "/connections/{platform}/settings", { path: { platform }, headers, body: settings, once: named }, options));
}

/** Says which cost codes of the customer's records no posting rule of a connection covers. */
export async function getConnectionSettingsCoverage(
  client: Client,
  platform: Platform,
  options: CallOptions = {},
): Promise<SettingsCoverageResponse["data"]> {
  return (await call(client, "get", "/connections/{platform}/settings/coverage", { path: { platform } }, options)).body.data;
}

/** Returns a page of a platform's records; without `limit` of 1000 at the most. */
export async function getObjects(client: Client, query: GetObjectsQuery, options: CallOptions = {}): Promise<Page<PlatformObject>> {
  const { body, headers } = await call(client, "get", "/objects", { query }, options);
  return page({ body: body as ObjectsResponse, headers });
}

/** Goes through a platform's records page by page, from `cursor` on. */
export function eachObject(client: Client, query: GetObjectsQuery, options: CallOptions = {}): AsyncGenerator<PlatformObject, void, undefined> {
  return each(query.cursor, (cursor) => getObjects(client, { ...query, cursor }, options));
}

/** Returns a page of objects, each once, with its record on every platform; without `limit` of 1000 at the most. */
export async function getCanonicalObjects(
  client: Client,
  query: GetCanonicalObjectsQuery,
  options: CallOptions = {},
): Promise<Page<CanonicalObjectDetails>> {
  const { body, headers } = await call(client, "get", "/objects", { query: { ...query, view: "canonical" } }, options);
  return page({ body: body as CanonicalObjectsResponse, headers });
}

/** Goes through the objects page by page, each once, from `cursor` on. */
export function eachCanonicalObject(
  client: Client,
  query: GetCanonicalObjectsQuery,
  options: CallOptions = {},
): AsyncGenerator<CanonicalObjectDetails, void, undefined> {
  return each(query.cursor, (cursor) => getCanonicalObjects(client, { ...query, cursor }, options));
}

/** Returns a canonical object with its record on each platform. Any id that was ever minted for one of these leads to it. */
export async function getObject(client: Client, canonicalId: string, options: CallOptions = {}): Promise<ObjectResponse["data"]> {
  return (await call(client, "get", "/objects/{canonical_id}", { path: { canonical_id: canonicalId } }, options)).body.data;
}

/** Returns a page of the changes that were propagated to an object, the latest first. */
export async function getObjectHistory(
  client: Client,
  canonicalId: string,
  query: GetObjectHistoryQuery = {},
  options: CallOptions = {},
): Promise<Page<Change>> {
  return page(await call(client, "get", "/objects/{canonical_id}/history", { path: { canonical_id: canonicalId }, query }, options));
}

/** Goes through an object's history page by page, the latest change first, from `cursor` on. */
export function eachChange(
  client: Client,
  canonicalId: string,
  query: GetObjectHistoryQuery = {},
  options: CallOptions = {},
): AsyncGenerator<Change, void, undefined> {
  return each(query.cursor, (cursor) => getObjectHistory(client, canonicalId, { ...query, cursor }, options));
}

/** A part of the matches. */
export interface MatchPage extends Page<Match> {
  /** How far the suggestions go. */
  suggestions: MatchesResponse["suggestions"];
}

export type GetMatchesQuery = NonNullable<operations["getMatches"]["parameters"]["query"]>;
export type GetMatchDecisionsQuery = NonNullable<operations["getMatchDecisions"]["parameters"]["query"]>;

/** Returns a page of objects, each with its records, why these are one, and which others it could be. */
export async function getMatches(client: Client, query: GetMatchesQuery = {}, options: CallOptions = {}): Promise<MatchPage> {
  const { body, headers } = await call(client, "get", "/matches", { query }, options);
  return { ...page({ body, headers }), suggestions: body.suggestions };
}

/** Goes through the matches page by page, from `cursor` on. */
export function eachMatch(client: Client, query: GetMatchesQuery = {}, options: CallOptions = {}): AsyncGenerator<Match, void, undefined> {
  return each(query.cursor, (cursor) => getMatches(client, { ...query, cursor }, options));
}

/** Returns a page of what people decided of records, the latest first. */
export async function getMatchDecisions(
  client: Client,
  query: GetMatchDecisionsQuery = {},
  options: CallOptions = {},
): Promise<Page<MatchDecision>> {
  return page(await call(client, "get", "/matches/decisions", { query }, options));
}

/** Goes through the decisions page by page, the latest first, from `cursor` on. */
export function eachMatchDecision(
  client: Client,
  query: GetMatchDecisionsQuery = {},
  options: CallOptions = {},
): AsyncGenerator<MatchDecision, void, undefined> {
  return each(query.cursor, (cursor) => getMatchDecisions(client, { ...query, cursor }, options));
}

/** Says of records that they are the same thing, or that no two of them are. One that stands already is returned as it stands. */
export async function createMatchDecision(client: Client, request: MatchDecisionRequest, options: CallOptions = {}): Promise<MatchDecision> {
  return (await call(client, "post", "/matches/decisions", { body: request }, options)).body.data;
}

/** Takes a decision back. */
export async function deleteMatchDecision(client: Client, decisionId: string, options: CallOptions = {}): Promise<void> {
  await call(client, "delete", "/matches/decisions/{decision_id}", { path: { decision_id: decisionId } }, options);
}

/** Translates a record of one platform into the canonical form and into that of another platform. Nothing is stored. */
export async function transformData(client: Client, request: TransformRequest, options: CallOptions = {}): Promise<TransformResponse> {
  return (await call(client, "post", "/transform", { body: request }, options)).body;
}

/** Reports how the platforms agree. */
export async function getReconciliation(client: Client, query: GetReconciliationQuery = {}, options: CallOptions = {}): Promise<Reconciliation> {
  return (await call(client, "get", "/reconciliation", { query }, options)).body.data;
}

/** Returns a page of what the platforms say differently. */
export async function getReconciliationDifferences(
  client: Client,
  query: GetReconciliationDifferencesQuery = {},
  options: CallOptions = {},
): Promise<Page<RecordDifference>> {
  return page(await call(client, "get", "/reconciliation/differences", { query }, options));
}

/** Goes through what the platforms say differently page by page, from `cursor` on. */
export function eachDifference(
  client: Client,
  query: GetReconciliationDifferencesQuery = {},
  options: CallOptions = {},
): AsyncGenerator<RecordDifference, void, undefined> {
  return each(query.cursor, (cursor) => getReconciliationDifferences(client, { ...query, cursor }, options));
}

/** Accepts a difference as it is now. Doing so twice is as doing so once. */
export async function acceptDifference(client: Client, request: AcceptDifferenceRequest, options: CallOptions = {}): Promise<RecordDifference> {
  return (await call(client, "post", "/reconciliation/accepted", { body: request }, options)).body.data;
}

/** Takes the acceptance of a difference back. */
export async function deleteAcceptedDifference(client: Client, acceptedId: string, options: CallOptions = {}): Promise<void> {
  await call(client, "delete", "/reconciliation/accepted/{accepted_id}", { path: { accepted_id: acceptedId }, once: true }, options);
}

/** Reports what is retained, released and held, by contract and business partner. */
export async function getRetainageReport(client: Client, query: GetRetainageReportQuery = {}, options: CallOptions = {}): Promise<RetainageReport> {
  return (await call(client, "get", "/reconciliation/retainage", { query }, options)).body.data;
}

function stored({ body, headers }: { body: PostingSettingsResponse; headers: Headers }): StoredSettings {
  return { settings: body.data, version: versionOf(headers) };
}

function page<T>({ body, headers }: { body: { data: T[] }; headers: Headers }): Page<T> {
  // <https://…?cursor=…>; rel="next"
  const [, next] = /^<([^>]*)>/.exec(headers.get("Link") ?? "") ?? [];
  const cursor = next && new URL(next, "http://localhost").searchParams.get("cursor");
  return { data: body.data, ...(cursor && { nextCursor: cursor }) };
}

async function* each<T>(start: string | undefined, get: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor = start;
  do {
    const { data, nextCursor } = await get(cursor);
    yield* data;
    cursor = nextCursor;
  } while (cursor);
}
