import { call, type CallOptions, type Client, versionOf } from "./client.js";
import { StructuralError } from "./error.js";
import type {
  Change,
  ConnectionsResponse,
  ConnectRequest,
  ConnectResponse,
  HealthDegradedResponse,
  HealthResponse,
  ImportResponse,
  Object as PlatformObject,
  ObjectResponse,
  operations,
  Platform,
  PlatformsResponse,
  PostingSettings,
  PostingSettingsResponse,
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
export type GetObjectsQuery = operations["getObjects"]["parameters"]["query"];
export type GetObjectHistoryQuery = NonNullable<operations["getObjectHistory"]["parameters"]["query"]>;

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
  return page(await call(client, "get", "/objects", { query }, options));
}

/** Goes through a platform's records page by page, from `cursor` on. */
export function eachObject(client: Client, query: GetObjectsQuery, options: CallOptions = {}): AsyncGenerator<PlatformObject, void, undefined> {
  return each(query.cursor, (cursor) => getObjects(client, { ...query, cursor }, options));
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

/** Translates a record of one platform into the canonical form and into that of another platform. Nothing is stored. */
export async function transformData(client: Client, request: TransformRequest, options: CallOptions = {}): Promise<TransformResponse> {
  return (await call(client, "post", "/transform", { body: request }, options)).body;
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
