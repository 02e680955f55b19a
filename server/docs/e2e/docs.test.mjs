// The API reference in a real browser, against the real program.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startProgram } from './program.mjs';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

let program, browser, page;
let complaints, origins; // of the present page: what its console says, and whom it asked

before(async () => {
  program = await startProgram();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  page.setDefaultTimeout(60_000);
  complaints = [];
  origins = new Set();
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
});

afterEach(() => page.close());

// open shows the reference at an origin and waits until it is there.
async function open(origin) {
  const response = await page.goto(`${origin}/docs`);
  assert.equal(response.status(), 200);
  await page.waitForSelector('.opblock');
}

// expand opens an operation to be tried out, and returns where it is.
async function expand(tag, operationId) {
  const operation = page.locator(`#operations-${tag}-${operationId}`);
  if ((await operation.locator('.opblock-body').count()) === 0) {
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
  }
  return operation;
}

// tryOut executes an operation with what stands there. It waits until the page shows the answer, and returns it.
async function tryOut(tag, operationId) {
  const operation = await expand(tag, operationId);
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.url().includes('/api/v1/')),
    operation.locator('.execute').click(),
  ]);
  const answer = operation.locator('.live-responses-table tbody');
  await answer.locator('.response-col_status', { hasText: `${response.status()}` }).waitFor();
  return { status: response.status(), body: response.status() === 204 ? undefined : await response.json() };
}

async function authorize(key) {
  await page.locator('.auth-wrapper .authorize').click();
  await page.locator('.auth-container input').fill(key);
  await page.locator('.auth-btn-wrapper .authorize').click();
  await page.locator('.auth-btn-wrapper .btn-done').click();
}

// Whatever name and port the server is reached by.
for (const host of ['127.0.0.1', 'localhost']) {
  test(`${host}: every operation is shown, nobody else is asked, the browser has no complaint`, async () => {
    const origin = program.origin.replace('127.0.0.1', host);
    await open(origin);
    const document = await (await fetch(`${program.origin}/openapi.json`)).json();
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    assert.ok(operations.length > 0);
    for (const { operationId, tags } of operations) {
      const operation = page.locator(`#operations-${tags[0]}-${operationId}`);
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('.responses-wrapper').waitFor();
      await operation.locator('.opblock-summary-control').click();
    }
    assert.equal(await page.locator('.opblock').count(), operations.length);
    assert.deepEqual(await page.locator('.servers option').allInnerTexts(), [`${origin}/api/v1 - The server that serves this document`]);
    assert.deepEqual([...origins], [origin]);
    assert.deepEqual(complaints, []);
  });
}

test('what is optional is left empty, unless it has a default', async () => {
  await open(program.origin);
  for (const [tag, operationId, ...parameters] of [['Objects', 'getObjects', 'cursor'], ['Propagate', 'propagateChange', 'Idempotency-Key', 'If-Match']]) {
    const operation = await expand(tag, operationId);
    for (const parameter of parameters) {
      const row = operation.locator(`tr[data-param-name="${parameter}"]`);
      assert.equal(await row.locator('input[type=text]').inputValue(), '', parameter);
      assert.match(await row.innerText(), /For example/, parameter);
    }
  }
});

test('a session is made, authorizes, and is deleted', async () => {
  await open(program.origin);
  assert.equal((await tryOut('Connections', 'getConnections')).status, 401);
  const created = await tryOut('Demo', 'createDemoSession');
  assert.equal(created.status, 201);
  await authorize(created.body.data.api_key);
  const listed = await tryOut('Connections', 'getConnections');
  assert.equal(listed.status, 200);
  assert.deepEqual(listed.body, { data: { connections: [] } });
  assert.equal((await tryOut('Transform', 'transformData')).status, 200);
  assert.equal((await tryOut('Demo', 'deleteDemoSession')).status, 204);
  assert.deepEqual([...origins], [program.origin]);
});
