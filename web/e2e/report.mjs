// People decide: the report, its filters and files, differences and matches.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { begin, button, call, importRecords, look, openRecord, plain, screens, visit } from './browser.mjs';

// figures returns what a line of the report says: its cells, as people see them.
async function figures(page, entity) {
  const cells = page.locator(`.overview [data-entity=${entity}] td`);
  return (await cells.evaluateAll((all) => all.map((cell) => cell.lastElementChild.textContent)));
}

const difference = (page, name) => page.locator(`[data-difference="${name}"]`);
const open = async (page, view) => {
  await page.getByRole('navigation', { name: 'Records' }).getByRole('link', { name: view }).click();
};

async function downloaded(page, format) {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, `Download ${format}`).click()]);
  assert.equal(download.suggestedFilename(), `differences.${format.toLowerCase()}`);
  return readFileSync(await download.path());
}

// parseCSV reads what RFC 4180 writes: one object a line.
function parseCSV(text) {
  const [names, ...lines] = text.trimEnd().split(/\r?\n/).map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare));
  return lines.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index]])));
}

for (const screen of Object.keys(screens)) {
  test(`${screen}: the report, the differences, what is retained`, () => visit({ screen }, async (page) => {
    await begin(page);
    await look(page, `${screen}-11-report`);
    const { body } = await call(page, 'GET', '/reconciliation?entity_type=payment');
    const [payment] = body.data.entities;
    assert.deepEqual(await figures(page, 'payment'), ['7', '5', '2', '0', '0', '1', '1', '7,616,000.00', '7,182,738.24', '-433,261.76']);
    assert.deepEqual(payment.difference, { amount: -43326176, currency: 'USD' });
    assert.deepEqual((await figures(page, 'customer')).slice(-3), ['–', '–', '–'], 'partners have no amount');

    await open(page, 'Differences');
    await page.getByRole('table', { name: 'Differences' }).waitFor();
    assert.equal(await page.locator('[data-difference]').count(), 9);
    assert.match(plain(await difference(page, 'INV-2025-0062 /status').innerText()), /One platform cannot say it exactly, and has the closest\./);
    await difference(page, 'CHK-2026-0105 /amount').getByRole('button', { name: 'Accept' }).click();
    await look(page, `${screen}-12-differences`);

    await open(page, 'Retainage');
    const contract = page.locator('[data-contract="C-HLP-001"]');
    await contract.waitFor();
    assert.deepEqual(await contract.locator('td .amount').allInnerTexts().then((texts) => texts.map(plain)), ['USD 600,000.00', 'USD 60,000.00', 'USD 240,000.00', 'USD -180,000.00']);
    await look(page, `${screen}-13-retainage`);

    await page.getByRole('link', { name: 'Invoices' }).click();
    await page.getByRole('table', { name: 'Invoices' }).waitFor();
    await look(page, `${screen}-14-invoices`);
    await openRecord(page, 'INV-2025-0062');
    const amount = async (field) => plain(await page.locator(`.compare [data-field="${field}"] td`).nth(1).innerText()).replace('Canonical ', '');
    assert.deepEqual(
      await Promise.all(['gross_amount', 'retainage.retained_amount', 'retainage.released_amount', 'amount'].map(amount)),
      ['USD 600,000.00', 'USD 60,000.00', 'USD 240,000.00', 'USD 780,000.00'], 'gross - retained + released = due',
    );
    await look(page, `${screen}-15-invoice`);
  }));

  test(`${screen}: what is perhaps the same`, () => visit({ screen }, async (page) => {
    await begin(page);
    await twins(page);
    await open(page, 'Matches');
    await page.locator('[data-match]').first().waitFor();
    await look(page, `${screen}-16-matches`);
  }));
}

test('a load takes fewer than ten requests', () => visit({}, async (page) => {
  await begin(page);
  const asked = [];
  page.on('request', (request) => { if (request.url().includes('/api/')) asked.push(`${request.method()} ${new URL(request.url()).pathname}`); });
  await page.reload();
  await page.locator('.records-table').waitFor();
  await page.waitForLoadState('networkidle');
  console.log(`# requests of a load: ${asked.length}: ${asked.join(', ')}`);
  assert.ok(asked.length < 10, asked.join('\n'));
  assert.ok(asked.includes('GET /api/v1/reconciliation'));
  assert.ok(asked.every((request) => request.startsWith('GET ')), asked.join('\n'));

  asked.length = 0;
  await page.getByRole('link', { name: 'Contracts' }).click();
  await page.getByRole('table', { name: 'Contracts' }).waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(asked, ['GET /api/v1/objects']);
}));

test('filters: report, records and differences are of what is chosen', () => visit({}, async (page) => {
  await begin(page);
  await page.getByLabel('Project', { exact: true }).selectOption({ label: 'NMC-2025-006' });
  await page.getByRole('link', { name: /^Payments ?1 ?≠ ?1/ }).waitFor();
  const row = page.locator('.records-table tbody tr');
  await row.nth(1).waitFor({ state: 'detached' });
  assert.match(await row.innerText(), /CHK-2026-0105/);
  assert.deepEqual(await figures(page, 'payment'), ['1', '0', '1', '0', '0', '0', '0', '1,242,000.00', '1,241,980.00', '-20.00']);
  await page.getByRole('link', { name: 'Projects' }).click();
  await button(page, 'NMC-2025-006').waitFor();
  assert.equal(await row.count(), 1, 'of the projects it is the one that is chosen');
  await open(page, 'Differences');
  await page.getByRole('table', { name: 'Differences' }).waitFor();
  assert.equal(await page.locator('[data-difference]').count(), 2);
  await page.getByLabel('Kind', { exact: true }).selectOption('payment');
  assert.equal(await page.locator('[data-difference]').count(), 1);
  assert.equal(await page.locator('.overview [data-entity]').count(), 1);

  await button(page, 'Show everything').click();
  await page.getByLabel('Partner', { exact: true }).selectOption({ label: 'Creekline Façade Systems LLC' });
  await page.locator('[data-difference]').nth(2).waitFor({ state: 'detached' });
  assert.deepEqual(await page.locator('[data-difference]').evaluateAll((rows) => rows.map((element) => element.dataset.difference).sort()), ['Creekline Façade Systems LLC /name', 'JCR-2025-004 /description']);
  await page.getByRole('link', { name: 'Customers' }).click();
  await page.getByRole('table', { name: 'Customers' }).waitFor();
  await row.nth(1).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Only differences' }).click();
  assert.match(await row.innerText(), /Creekline/);
}));

test('a file has the differences of the filter, and their sum is the one that is shown', () => visit({}, async (page) => {
  await begin(page);
  // A second difference of money.
  const [payment] = (await call(page, 'GET', '/objects?platform=procore&entity_type=payment')).body.data.filter(({ id }) => id === '1823456');
  await importRecords(page, 'procore', 'payment', [{ ...payment.platform_data, amount: '1700001.23' }]);
  await page.reload();
  await page.locator('.records-table').waitFor();
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  await open(page, 'Differences');
  for (const [project, want] of [[undefined, 'USD -21.23'], ['NMC-2025-006', 'USD -20.00'], ['HLP-2025-002', undefined]]) {
    if (project) await page.getByLabel('Project', { exact: true }).selectOption({ label: project });
    if (project) await page.waitForLoadState('networkidle');
    const rows = parseCSV((await downloaded(page, 'CSV')).toString());
    assert.deepEqual(
      rows.map(({ label, field }) => `${label} ${field}`),
      await page.locator('[data-difference]').evaluateAll((all) => all.map((element) => element.dataset.difference)), project,
    );
    const sum = rows.reduce((cents, row) => cents + Math.round(100 * Number(row.difference)), 0);
    const shown = (await page.locator('[data-sum=USD]').allInnerTexts()).map(plain);
    assert.deepEqual(shown, want ? [want] : [], project);
    assert.equal(`USD ${(sum / 100).toFixed(2)}`, want ?? 'USD 0.00', project);
  }
  await button(page, 'Show everything').click();
  await page.waitForLoadState('networkidle');
  const workbook = await downloaded(page, 'XLSX');
  assert.equal(workbook.subarray(0, 2).toString(), 'PK', 'a workbook is a ZIP archive');
  assert.ok(workbook.length > 2000);
  const { api_key: key } = await page.evaluate(() => JSON.parse(sessionStorage.getItem('structural.session')));
  assert.ok(addresses.every((address) => !address.includes(key)), 'no address has the key');
}));

test('a file that is refused: it says why', () => visit({ expected: /^Failed to load resource: .*500/ }, async (page) => {
  await begin(page);
  await open(page, 'Differences');
  const error = { type: 'INTERNAL_ERROR', message: 'it broke', request_id: 'req_abcdefghijkl' };
  await page.route('**/reconciliation/differences?*', (route) => route.fulfill({ status: 500, json: { error }, headers: { 'X-Request-ID': 'req_abcdefghijkl' } }), { times: 1 });
  await button(page, 'Download CSV').click();
  await page.getByText('The server has failed.').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /it broke[^]*req_abcdefghijkl/);
  await Promise.all([page.waitForEvent('download'), button(page, 'Try again').click()]);
  await page.getByRole('alert').waitFor({ state: 'detached' });
}));

test('a difference is settled with the value of one platform', () => visit({}, async (page) => {
  await begin(page);
  await open(page, 'Differences');
  await difference(page, 'CHK-2026-0102 /date').getByRole('button', { name: 'Take Dynamics 365 Business Central’s' }).click();
  const effect = page.getByRole('group', { name: 'Effect' });
  await effect.waitFor();
  assert.match(plain(await effect.locator('[data-platform=procore]').innerText()), /date from 2026-02-10 ?→ to 2026-02-12/);
  assert.match(await effect.locator('[data-platform=dynamics]').innerText(), /Stays as it is/);
  await button(page, 'Apply the change').click();
  await page.locator('.history li').waitFor();
  assert.equal(await page.locator('.disagreement').count(), 0);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await difference(page, 'CHK-2026-0102 /date').count(), 0);
  assert.deepEqual((await figures(page, 'payment')).slice(0, 4), ['7', '6', '1', '0']);

  // Amounts, too: the site gets what the books say, in its own currency.
  await difference(page, 'CHK-2026-0105 /amount').getByRole('button', { name: 'Take Dynamics 365 Business Central’s' }).click();
  await effect.waitFor();
  await button(page, 'Apply the change').click();
  await page.locator('.history li').waitFor();
  assert.equal(await page.locator('.disagreement').count(), 0);
  const [payment] = (await call(page, 'GET', '/objects?platform=procore&entity_type=payment')).body.data.filter(({ data }) => data.check_number === 'CHK-2026-0105');
  assert.equal(payment.platform_data.amount, '1241980.00');
}));

test('a difference is accepted, and that is taken back', () => visit({}, async (page) => {
  await begin(page);
  await open(page, 'Differences');
  const amount = difference(page, 'CHK-2026-0105 /amount');
  await amount.getByRole('button', { name: 'Accept' }).click();
  await amount.getByLabel('Why').fill('The bank kept 75 riyals');
  await button(page, 'Accept it as it is').click();
  await amount.waitFor({ state: 'detached' });
  assert.deepEqual((await figures(page, 'payment')).slice(0, 4), ['7', '5', '1', '1']);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Differences', 'the button that was pressed is gone: the focus is on the list');
  assert.match(await page.getByRole('button', { name: /^Accepted/ }).innerText(), /1/);
  await page.getByRole('button', { name: /^Accepted/ }).click();
  assert.match(plain(await amount.innerText()), /USD -20\.00 ?Accepted on .*2\d{3}: ?The bank kept 75 riyals/);
  await look(page, 'desktop-light-accepted');
  assert.equal(parseCSV((await downloaded(page, 'CSV')).toString())[0].note, 'The bank kept 75 riyals');

  // The record says it, too.
  await page.getByRole('link', { name: 'Payments' }).click();
  const row = page.locator('.records-table tr', { has: button(page, 'CHK-2026-0105') });
  assert.equal(await row.locator('.differs').count(), 0);
  assert.match(await row.innerText(), /difference accepted/);
  await openRecord(page, 'CHK-2026-0105');
  assert.match(plain(await page.locator('.compare .settled.disagreement').innerText()), /The bank kept 75 riyals/);
  await look(page, 'desktop-light-accepted-record');
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await page.locator('.compare .disagree').first().waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual((await figures(page, 'payment')).slice(0, 4), ['7', '5', '2', '0']);
}));

// twins sends a partner that is written in another way, and a payment that is there twice, and reads the page anew.
async function twins(page) {
  const [payment] = (await call(page, 'GET', '/objects?platform=procore&entity_type=payment')).body.data.filter(({ id }) => id === '1823456');
  await importRecords(page, 'procore', 'customer', [{ id: 777001, name: 'Souq Retail Partner Co', city: 'Doha', country_code: 'QA', is_active: true }]);
  await importRecords(page, 'procore', 'payment', [{ ...payment.platform_data, id: 990001 }]);
  await page.reload();
  await page.locator('.records-table').waitFor();
}

test('a suggestion is accepted, another refused, both are in the list and the history, and are taken back', () => visit({}, async (page) => {
  await begin(page);
  await twins(page);
  assert.deepEqual([(await figures(page, 'customer'))[4], (await figures(page, 'payment'))[4]], ['1', '2']);
  await open(page, 'Matches');
  const match = page.locator('[data-match="Souq Retail Partner Co"]');
  assert.match(plain(await match.innerText()), /Souq Retail Partners Q\.P\.S\.C\. 61629eb5-[0-9a-f-]+ 84% Name: 97% alike · City: the same Same/);
  assert.equal(await page.locator('[data-match="Souq Retail Partners Q.P.S.C."]').count(), 0, 'a pair is listed once');
  await match.getByRole('button', { name: 'Same' }).click();
  await match.waitFor({ state: 'detached' });
  const decided = page.locator('.decisions > li');
  assert.match(plain(await decided.first().innerText()), /^Customer Same .*777001.*61629eb5/);
  assert.deepEqual((await figures(page, 'customer')).slice(0, 1).concat((await figures(page, 'customer')).slice(4, 7)), ['5', '0', '0', '0']);

  // Of two payments of one number people say which is not the one in the books; the other one is, then.
  const twin = page.locator('[data-match="CHK-2026-0101"]');
  assert.equal(await twin.count(), 2);
  assert.match(plain(await twin.first().innerText()), /Both have the same number, and so has another record\./);
  await twin.first().getByRole('button', { name: 'Different' }).click();
  await twin.nth(1).waitFor({ state: 'detached' });
  await decided.nth(1).waitFor();
  assert.match(plain(await decided.first().innerText()), /^Payment Different/);
  await look(page, 'desktop-light-decided');

  // History has the decisions.
  const [customer] = (await call(page, 'GET', '/objects?platform=procore&entity_type=customer')).body.data.filter(({ id }) => id === '777001');
  await page.evaluate((id) => { location.hash = `customers/${id}`; }, customer.canonical_id);
  await page.locator('.history li').waitFor();
  assert.match(plain(await page.locator('.history .decision').first().innerText()), /^These records are the same .*777001.*61629eb5/);
  await look(page, 'desktop-light-decision-history');
  await page.keyboard.press('Escape');

  await open(page, 'Matches');
  await decided.nth(1).getByRole('button', { name: 'Take back' }).click();
  await match.waitFor();
  await decided.nth(1).waitFor({ state: 'detached' });
  assert.equal((await call(page, 'GET', '/matches/decisions')).body.data.length, 1);
}));

test('409: someone decided otherwise before', () => visit({ expected: /^Failed to load resource: .*409/ }, async (page) => {
  await begin(page);
  await twins(page);
  await open(page, 'Matches');
  const match = page.locator('[data-match="Souq Retail Partner Co"]');
  const records = [{ platform: 'procore', platform_id: '777001' }, { platform: 'dynamics', platform_id: '61629eb5-b9f4-4b19-9fa2-ee5f6037087f' }];
  const { body } = await call(page, 'POST', '/matches/decisions', { entity_type: 'customer', decision: 'different', records });
  await match.getByRole('button', { name: 'Same' }).click();
  await page.getByText('This is not possible now; nothing was changed.').waitFor();
  assert.match(await page.getByRole('alert').innerText(), new RegExp(`${body.data.id}. Take that one back first`));
}));

test('more than a thousand records come in parts', () => visit({}, async (page) => {
  await begin(page);
  await importRecords(page, 'procore', 'customer', Array.from({ length: 1001 }, (_, index) => ({ id: 800000 + index, name: `Supplier ${index}`, is_active: true })));
  await page.reload();
  await page.getByRole('link', { name: /^Customers ?1006/ }).click();
  await page.getByText('1000 records are loaded.').waitFor();
  await button(page, 'Load more').click();
  await page.locator('.records-table tbody tr').nth(1005).waitFor();
  assert.equal(await page.locator('.records-table tbody tr').count(), 1006);
  assert.equal(await button(page, 'Load more').count(), 0);
  assert.deepEqual((await figures(page, 'customer')).slice(5, 7), ['1001', '1']);
}));
