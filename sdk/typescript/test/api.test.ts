import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@structural/sdk";
import {
  acceptDifference, createClient, createDemoSession, deleteAcceptedDifference, deleteDemoSession,
  eachCanonicalObject, eachChange, eachDifference, eachObject, getCanonicalObjects, getConnections, getHealth, getObject, getObjects, getPlatforms,
  getReconciliation, getRetainageReport, importRecords,
  propagateChange, StructuralError, transformData, type GetObjectsQuery,
} from "@structural/sdk";
import { baseUrl, newApi } from "./server.js";

// Does not compile while a function is missing.
sdk satisfies Record<keyof sdk.operations, unknown>;

const api = await newApi();
const nobody = createClient({ baseUrl });
const payments: GetObjectsQuery = { platform: "procore", entity_type: "payment" };

test("ids are escaped", async () => {
  await assert.rejects(getObject(api, "pay/no?such#%"), { message: "No such object" }); // not: no such path
});

test("errors are typed", async () => {
  const cases: [number, string, () => Promise<unknown>][] = [
    [401, "AUTHENTICATION_ERROR", () => getConnections(createClient({ baseUrl, apiKey: "sk_demo_no" }))],
    [401, "AUTHENTICATION_ERROR", () => deleteDemoSession(nobody)],
    [404, "NOT_FOUND", () => getObject(api, "pay_no")],
    [422, "TRANSFORM_ERROR", () =>
      transformData(api, { source: "procore", target: "dynamics", entity_type: "payment", data: { amount: "much" } })],
  ];
  for (const [status, type, failing] of cases) {
    await assert.rejects(failing, (error) => {
      assert(error instanceof StructuralError && error instanceof Error);
      assert.equal(error.name, "StructuralError");
      assert.equal(error.status, status);
      assert.equal(error.type, type);
      assert.match(error.requestId ?? "", /^req_[a-z0-9]{12}$/);
      assert.deepEqual(error.body, { error: { type, message: error.message, request_id: error.requestId } });
      assert.equal(error.retryAfter, undefined);
      return true;
    });
  }
});

test("a 429 says when to come back", async () => {
  const elsewhere = createClient({
    baseUrl,
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, "X-Forwarded-For": "203.0.113.9" } }),
  });
  for (let i = 0; i < 5; i++) await createDemoSession(elsewhere);
  await assert.rejects(createDemoSession(elsewhere), (error) => {
    assert(error instanceof StructuralError);
    assert.equal(error.type, "RATE_LIMIT_ERROR");
    assert(error.retryAfter! >= 1 && error.retryAfter! <= 60);
    return true;
  });
});

test("importRecords", async () => {
  const imported = await importRecords(await newApi(), "procore", { entity_type: "payment" }, '{"id":1,"amount":"1.00"}\n{"id":2,"amount":"much"}');
  assert.deepEqual([imported.status, imported.received, imported.applied, imported.rejected], ["succeeded", 2, 1, 1]);
  assert.deepEqual(imported.errors, [{ line: 2, message: "/amount: expected an amount as a decimal number" }]);
  const stream = new Blob(['{"id":3}\n{"id":4}\n']).stream();
  assert.equal((await importRecords(await newApi(), "procore", { entity_type: "payment" }, stream)).applied, 2);
});

test("getHealth", async () => {
  const health = await getHealth(createClient({ baseUrl: baseUrl + "/" }));
  assert.equal(health.status, "ok");
  assert.equal(health.checks.database, "ok");
});

test("getPlatforms", async () => {
  const { platforms, entity_types, currencies } = await getPlatforms(createClient({ baseUrl }));
  assert.deepEqual(platforms.map(({ name }) => name), ["procore", "dynamics"]);
  assert.equal(entity_types.find(({ entity_type }) => entity_type === "payment")!.plural, "Payments");
  assert.equal(currencies.find(({ code }) => code === "IQD")!.digits, 3);
});

test("eachObject goes through all pages", async () => {
  const all = await getObjects(api, payments);
  assert.equal(all.data.length, 8);
  assert.equal("nextCursor" in all, false);
  const paged = { ...payments, limit: 3 };
  const collected = [];
  for await (const object of eachObject(api, paged)) collected.push(object);
  assert.deepEqual(collected, all.data);

  const first = await getObjects(api, paged);
  assert.equal(first.data.length, 3);
  const { value } = await eachObject(api, { ...paged, cursor: first.nextCursor }).next();
  assert.deepEqual(value, all.data[3]);
});

test("eachCanonicalObject goes through all pages, and filters", async () => {
  const matched = { entity_type: "payment", state: "matched", modified_since: "2026-01-01T00:00:00Z" } as const;
  const all = await getCanonicalObjects(api, matched);
  assert.notEqual(all.data.length, 0);
  const collected = [];
  for await (const object of eachCanonicalObject(api, { ...matched, limit: 3 })) {
    assert.deepEqual(Object.keys(object.platform_data), ["procore", "dynamics"]);
    collected.push(object);
  }
  assert.deepEqual(collected, all.data);
});

test("eachObject ends with an error", async () => {
  await assert.rejects(eachObject(nobody, payments).next(), { status: 401 });
});

test("propagateChange", async () => {
  const api = await newApi();
  const payment = await getObject(api, "pay_NvmMc888X6CLDxl");
  const change = {
    format: "platform", entity_type: "payment", platform: "procore", platform_id: "1823456", data: { amount: "1750000.00" },
  } as const;
  const options = { ifMatch: payment.version, idempotencyKey: "once" };

  const preview = await propagateChange(api, { ...change, dry_run: true });
  assert.deepEqual(preview.propagated.procore?.updated_fields, ["amount"]);
  assert.equal(preview.version, payment.version);
  assert.deepEqual(await getObject(api, payment.canonical_id), payment);

  const result = await propagateChange(api, change, options);
  assert(result.canonical.data.object === "payment");
  assert.deepEqual(result.canonical.data.amount, { amount: 175000000, currency: "USD" });
  assert.equal(result.propagated.dynamics?.data.amount, -6370000);
  assert(result.version > payment.version);
  assert.equal(result.replayed, false);
  assert.deepEqual(await propagateChange(api, change, options), { ...result, replayed: true });

  await assert.rejects(propagateChange(api, change, { ifMatch: payment.version }), { status: 412, type: "PRECONDITION_FAILED" });

  await propagateChange(
    api,
    { format: "canonical", entity_type: "payment", canonical_id: payment.canonical_id, data: { notes: "Second half follows" } },
    { ifMatch: result.version },
  );
  const changed = [];
  for await (const change of eachChange(api, payment.canonical_id, { limit: 1 })) changed.push(change.changes[0]?.field);
  assert.deepEqual(changed, ["/notes", "/amount"]);
});

test("reconciliation", async () => {
  const report = await getReconciliation(api, { entity_type: "payment", currency: "USD" });
  assert.equal(report.entities[0]?.matched, 7);
  const differences = [];
  for await (const difference of eachDifference(api, { limit: 2 })) differences.push(difference);
  assert.equal(differences.length, 9);
  const amount = differences.find(({ field }) => field === "/amount")!;
  assert.deepEqual(amount.difference, { amount: -2000, currency: "USD" });
  const { accepted } = await acceptDifference(api, { canonical_id: amount.canonical_id, field: "/amount", note: "The bank kept it" });
  assert.equal(accepted?.note, "The bank kept it");
  await deleteAcceptedDifference(api, accepted!.id);
  await assert.rejects(deleteAcceptedDifference(api, accepted!.id), { status: 404 });
  assert.notEqual((await getRetainageReport(api)).contracts.length, 0);
});
