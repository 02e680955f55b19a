import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  acceptDifference, connectPlatform, createClient, createDemoSession, deleteDemoSession, getConnections, getConnectionSettings,
  getConnectionSettingsCoverage, getHealth, getObject, getObjectHistory, getObjects, getReconciliation, getReconciliationDifferences,
  getRetainageReport,
  propagateChange, setConnectionSettings, StructuralError, transformData, type Client,
} from "@structural/sdk";

/** How an API in trouble answers: a status, perhaps with Retry-After, or not at all. */
type Answer = number | [status: number, retryAfter: number] | "none";

/** A client of an API that answers the first requests so, and the others with a success. */
function clientOf(retry: number | undefined, ...answers: Answer[]) {
  const requests: { headers: Headers; body: unknown }[] = [];
  const client = createClient({
    baseUrl: "http://api",
    retry,
    fetch: async (_, init) => {
      requests.push({ headers: new Headers(init?.headers), body: init?.body });
      const answer = answers.shift() ?? 200;
      if (answer === "none") throw new TypeError("fetch failed");
      const [status, retryAfter] = typeof answer === "number" ? [answer, undefined] : answer;
      return new Response(status === 200 ? '{"data":{}}' : "", { status, headers: retryAfter ? { "Retry-After": `${retryAfter}` } : {} });
    },
  });
  return { client, requests };
}

/** Runs what waits, with waits that take no time, and returns how many milliseconds they should have taken. */
async function waits(run: () => Promise<unknown>): Promise<number[]> {
  const waited: number[] = [];
  const original = globalThis.setTimeout;
  const fake = mock.method(globalThis, "setTimeout", ((callback: () => void, milliseconds: number) => {
    waited.push(milliseconds);
    return original(callback, 0);
  }) as typeof setTimeout);
  try {
    await run();
  } finally {
    fake.mock.restore();
  }
  return waited;
}

test("it waits as long as Retry-After asks, else longer each time", async () => {
  const { client, requests } = clientOf(5, [429, 42], "none", 502, [503, 7], 504);
  assert.deepEqual(await waits(() => getConnections(client)), [42_000, 1000, 2000, 7000, 8000]);
  assert.equal(requests.length, 6);
});

test("it gives up", async () => {
  const { client, requests } = clientOf(2, [429, 1], [429, 1], [429, 9], [429, 1]);
  await waits(() => assert.rejects(getConnections(client), { status: 429, retryAfter: 9 }));
  assert.equal(requests.length, 3);
});

test("it repeats nothing that would not help, and nothing without being asked", async () => {
  for (const status of [400, 401, 404, 409, 412, 422, 500]) {
    const { client, requests } = clientOf(3, status);
    await assert.rejects(getConnections(client), { status });
    assert.equal(requests.length, 1);
  }
  const { client, requests } = clientOf(undefined, 503);
  await assert.rejects(getConnections(client), { status: 503 });
  assert.equal(requests.length, 1);
});

test("it repeats every other operation", async () => {
  const record = { entity_type: "payment", data: {} } as const;
  const operations: ((client: Client) => Promise<unknown>)[] = [
    deleteDemoSession,
    (client) => connectPlatform(client, { platform: "procore" }),
    getConnections,
    (client) => getConnectionSettings(client, "dynamics"),
    (client) => setConnectionSettings(client, "dynamics", {}),
    (client) => getConnectionSettingsCoverage(client, "dynamics"),
    (client) => getObjects(client, { platform: "procore", entity_type: "payment" }),
    (client) => getObject(client, "pay_1"),
    (client) => getObjectHistory(client, "pay_1"),
    getReconciliation,
    getReconciliationDifferences,
    getRetainageReport,
    (client) => acceptDifference(client, { canonical_id: "pay_1", field: "/amount" }),
    (client) => propagateChange(client, { format: "canonical", canonical_id: "pay_1", ...record }),
    (client) => transformData(client, { source: "procore", target: "dynamics", ...record }),
  ];
  for (const operation of operations) {
    const { client, requests } = clientOf(1, 503);
    await waits(() => operation(client));
    assert.equal(requests.length, 2, `${operation}`);
  }
});

test("it does not repeat createDemoSession, nor getHealth", async () => {
  const lost = clientOf(3, "none");
  await assert.rejects(createDemoSession(lost.client), TypeError);
  assert.equal(lost.requests.length, 1);
  const unwell = clientOf(3, 503);
  await assert.rejects(getHealth(unwell.client), StructuralError);
  assert.equal(unwell.requests.length, 1);
});

test("the same change has the same idempotency key", async () => {
  const { client, requests } = clientOf(2, "none", 503);
  const change = { format: "canonical", entity_type: "payment", canonical_id: "pay_1", data: { notes: null } } as const;
  await waits(() => propagateChange(client, change));
  await propagateChange(client, change);
  await propagateChange(client, change, { idempotencyKey: "mine", ifMatch: 7 });
  const keys = requests.map(({ headers }) => headers.get("Idempotency-Key"));
  assert.equal(keys.length, 5);
  assert.match(keys[0]!, /^[0-9a-f]{32}$/);
  assert.deepEqual(keys.slice(1, 3), [keys[0], keys[0]]);
  assert.notEqual(keys[3], keys[0]);
  assert.equal(keys[4], "mine");
  assert.equal(requests[4]!.headers.get("If-Match"), '"7"');
  assert.equal(requests[3]!.headers.get("If-Match"), null);
  assert.deepEqual(JSON.parse(requests[2]!.body as string), change);
});

test("a signal ends the wait", async () => {
  const { client, requests } = clientOf(1, [429, 600]);
  const controller = new AbortController();
  const call = getConnections(client, { signal: controller.signal });
  setImmediate(() => controller.abort(new Error("enough")));
  await assert.rejects(call, /enough/);
  assert.equal(requests.length, 1);
});

test("a proxy's error has no type", async () => {
  const proxy = createClient({ baseUrl: "http://proxy", fetch: async () => new Response("<h1>Bad Gateway</h1>", { status: 502 }) });
  await assert.rejects(getHealth(proxy), { status: 502, type: "", message: "HTTP status 502", body: "<h1>Bad Gateway</h1>", requestId: undefined });
});

test("getHealth tells of a degraded server without an error", async () => {
  const data = { status: "degraded", timestamp: "2026-02-01T10:00:00.000Z", checks: { database: "error" } };
  const unwell = createClient({ baseUrl: "http://unwell", fetch: async () => Response.json({ data }, { status: 503 }) });
  assert.deepEqual(await getHealth(unwell), data);
  const proxy = createClient({ baseUrl: "http://proxy", fetch: async () => Response.json({ message: "a proxy speaks" }, { status: 503 }) });
  await assert.rejects(getHealth(proxy), { status: 503 });
});
