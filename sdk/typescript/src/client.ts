import { errorOf, retryAfter } from "./error.js";
import type { paths } from "./gen/schema.js";

export interface ClientOptions {
  /** Where the API is, such as "https://api.structural.app/api/v1"; on a page of the same origin "/api/v1". */
  baseUrl: string;
  /** The key that requests carry. */
  apiKey?: string | undefined;
  /** How often a request that is safe to repeat is repeated when the answer is 429, 502, 503 or 504, or none comes. Default: 0. */
  retry?: number | undefined;
  /** What sends requests, in place of the global fetch. */
  fetch?: typeof fetch | undefined;
}

/** What all operations take first; made by createClient. */
export type Client = Readonly<ClientOptions>;

/** Options of one call. */
export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Makes a client. It holds no connection, and need not be closed. */
export function createClient(options: ClientOptions): Client {
  return { ...options, baseUrl: options.baseUrl.replace(/\/+$/, "") };
}

type Method = "get" | "post" | "put" | "delete";
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
type JSONOf<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Success<O> = O extends { responses: infer R } ? JSONOf<R[keyof R & (200 | 201 | 202 | 204)]> : never;
type Parameters<O, In extends string> = O extends { parameters: { [K in In]?: infer T } } ? Exclude<T, undefined> : never;

interface Call<O> {
  path?: Parameters<O, "path">;
  query?: Parameters<O, "query">;
  headers?: Parameters<O, "header">;
  body?: O extends { requestBody?: infer B } ? JSONOf<B> : never;
  /** A body that is no JSON, and its media type. A stream is sent as it comes. */
  raw?: { body: BodyInit; type: string };
  /** Not to be repeated, whatever the client's options say. */
  once?: boolean;
}

/** Calls an operation of the document. Throws a StructuralError when the answer is not a success. */
export async function call<P extends keyof paths, M extends Method>(
  client: Client,
  method: M,
  path: P,
  { path: named, query, headers, body, raw, once }: Call<Operation<P, M>>,
  { signal }: CallOptions,
): Promise<{ body: Success<Operation<P, M>>; headers: Headers }> {
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String((named as Record<string, unknown>)[name])));
  const search = new URLSearchParams(defined(query ?? {})).toString();
  const response = await send(client, client.baseUrl + target + (search && `?${search}`), once ? 0 : (client.retry ?? 0), {
    method: method.toUpperCase(),
    headers: defined({
      Authorization: client.apiKey && `Bearer ${client.apiKey}`,
      "Content-Type": raw?.type ?? (body && "application/json"),
      ...(headers as object | undefined),
    }),
    body: raw?.body ?? (body ? JSON.stringify(body) : null),
    ...(raw?.body instanceof ReadableStream && { duplex: "half" }),
    signal: signal ?? null,
  });
  const text = await response.text();
  if (!response.ok) throw errorOf(response, text);
  return { body: text ? JSON.parse(text) : undefined, headers: response.headers };
}

/** The version that an answer names; a proxy that compresses makes its tag a weak one. */
export function versionOf(headers: Headers): number {
  return Number(/\d+/.exec(headers.get("ETag") ?? "")?.[0]);
}

/** The entries that have a value, as strings. */
function defined(values: object): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}

async function send(client: Client, url: string, repetitions: number, request: RequestInit): Promise<Response> {
  // Called without the client before it: a browser's fetch insists.
  const { fetch = globalThis.fetch } = client;
  for (let repetition = 0; ; repetition++) {
    let seconds = Math.min(2 ** repetition / 2, 30);
    try {
      const response = await fetch(url, request);
      if (repetition >= repetitions || ![429, 502, 503, 504].includes(response.status)) return response;
      seconds = retryAfter(response) ?? seconds;
      await response.body?.cancel();
    } catch (error) {
      if (repetition >= repetitions || request.signal?.aborted) throw error;
    }
    await wait(seconds, request.signal);
  }
}

function wait(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, seconds * 1000);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
}
