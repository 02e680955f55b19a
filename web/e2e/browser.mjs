// The page in a real browser, against the real program: what the tests share.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { startProgram } from '../../server/docs/e2e/program.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const screens = {
  'desktop-light': { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  'desktop-dark': { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'phone-light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true },
};

let program, browser;
let visitors = 0;

before(async () => {
  process.env.TRUSTED_PROXIES = '127.0.0.1'; // so that each visit has an address of its own, and sessions enough
  program = await startProgram();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

export const origin = () => program.origin;

// visit runs a test on the page, as a visitor of its own, and fails it when the browser complains or another host is asked.
// `expected` are the console's messages that the test provokes: a browser reports each answer that is no success.
export async function visit({ screen = 'desktop-light', expected = /^$/ }, test) {
  const context = await browser.newContext({
    ...screens[screen], locale: 'en-GB', reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'],
    extraHTTPHeaders: { 'X-Forwarded-For': `10.0.0.${++visitors}` },
  });
  const complaints = [];
  const origins = new Set();
  context.on('console', (message) => { if (!expected.test(message.text())) complaints.push(`${message.type()}: ${message.text()}`); });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('request', (request) => origins.add(new URL(request.url()).origin));
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(program.origin);
    await test(page);
    assert.deepEqual([...origins], [program.origin]);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

// look takes a screenshot into the folder SCREENSHOTS, if there is one, and has axe judge what is shown.
export async function look(page, name) {
  if (process.env.SCREENSHOTS) {
    const inDialog = (await page.locator('dialog').count()) > 0;
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: !inDialog });
  }
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`), [], name);
  const { width, height } = page.viewportSize();
  for (const screen of width < 400 ? [width, 360] : [width]) {
    await page.setViewportSize({ width: screen, height });
    const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(needs <= has, `${name} needs ${needs} of ${has}`);
  }
  await page.setViewportSize({ width, height });
}

export const button = (page, name) => page.getByRole('button', { name, exact: true });

// begin makes a session, connects platforms, and waits until all records are there and compared.
export async function begin(page, platforms = ['Procore', 'Dynamics 365 Business Central']) {
  await button(page, 'Start a demo session').click();
  for (const platform of platforms) {
    await button(page, `Connect ${platform}`).click();
    await button(page, `Reset ${platform}`).waitFor();
  }
  await page.locator('.records-table').waitFor();
  await page.getByRole('link', { name: /^Invoices ?[1-9]/ }).waitFor();
  if (platforms.length === 2) await page.getByRole('link', { name: /^Contracts.*disagree/ }).waitFor();
}

// call asks the API with the key of the page's session, as someone else would.
export async function call(page, method, path, body) {
  const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('structural.session')));
  const response = await fetch(`${program.origin}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${session.api_key}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
}

// importRecords sends records of a platform, as someone who has an export does.
export async function importRecords(page, platform, type, records) {
  const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('structural.session')));
  const response = await fetch(`${program.origin}/api/v1/connections/${platform}/records?entity_type=${type}`, {
    method: 'POST', headers: { Authorization: `Bearer ${session.api_key}`, 'Content-Type': 'application/x-ndjson' },
    body: records.map((record) => JSON.stringify(record)).join('\n'),
  });
  const { data } = await response.json();
  assert.deepEqual([data.status, data.applied, data.rejected], ['succeeded', records.length, 0]);
}

export async function openRecord(page, key) {
  await button(page, key).click();
  await page.getByRole('heading', { name: 'History' }).waitFor();
}

// row returns the text of a record's cells, as people see them: one list a side.
export async function row(page, key) {
  const cells = page.locator('.records-table tbody tr', { has: button(page, key) }).locator('td');
  return (await cells.all()).reduce(async (rows, cell) => [...(await rows), (await cell.locator('dd').allInnerTexts()).map(plain)], []);
}

export const plain = (text) => text.replace(/\s+/g, ' ').replace(/ ?differs$/, '').trim();
