import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, button, call, look, openRecord, origin, plain, visit } from './browser.mjs';

const payment = 'pay_NvmMc888X6CLDxl'; // Procore's 1823456, CHK-2026-0101
const failed = (what) => new RegExp(`^Failed to load resource: .*${what}`);

async function preview(page, amount) {
  await page.getByRole('dialog').getByLabel('Amount').fill(amount);
  await button(page, 'Preview the effect').click();
  await page.getByRole('group', { name: 'Effect' }).waitFor();
}

const history = async (page) => (await call(page, 'GET', `/objects/${payment}/history`)).body.data;

test('412: someone else was faster, and nothing is lost', () => visit({ expected: failed('412') }, async (page) => {
  await begin(page);
  await openRecord(page, 'CHK-2026-0101');
  await preview(page, '1,750,000.00');
  await call(page, 'POST', '/propagate', { format: 'canonical', canonical_id: payment, entity_type: 'payment', data: { notes: 'Someone else' } });
  await button(page, 'Apply the change').click();

  const problem = page.getByRole('alert');
  await problem.waitFor();
  assert.match(await problem.innerText(), /Someone else changed this payment since you opened it\. Nothing was written\./);
  assert.match(await problem.innerText(), /Request req_[a-z0-9]{12}/);
  assert.equal(await problem.evaluate((element) => element === document.activeElement), true, 'the button that was pressed is gone: the focus is on what it led to');
  assert.equal(await button(page, 'Apply the change').count(), 0);
  assert.equal((await history(page)).length, 1);
  await look(page, 'desktop-light-conflict');

  await button(page, 'Reload').click();
  await page.locator('.compare [data-field=notes]', { hasText: 'Someone else' }).waitFor();
  assert.equal(await problem.count(), 0);
  assert.equal(await page.getByRole('dialog').getByLabel('Amount').inputValue(), '1,750,000.00', 'what was typed stays');
  await preview(page, '1,750,000.00');
  await button(page, 'Apply the change').click();
  await page.getByText('Changed, on every platform at once.').waitFor();
  assert.equal((await history(page)).length, 2);
}));

test('412 of a preview: the record is another one already', () => visit({ expected: failed('412') }, async (page) => {
  await begin(page);
  await openRecord(page, 'CHK-2026-0101');
  await call(page, 'POST', '/propagate', { format: 'canonical', canonical_id: payment, entity_type: 'payment', data: { notes: 'Someone else' } });
  await page.getByRole('dialog').getByLabel('Amount').fill('1,750,000.00');
  await button(page, 'Preview the effect').click();
  await page.getByText('Someone else changed this payment').waitFor();
}));

test('the answer to a change is lost: trying again makes it once', () => visit({ expected: failed('net::ERR_FAILED') }, async (page) => {
  await begin(page);
  await openRecord(page, 'CHK-2026-0101');
  await preview(page, '1,750,000.00');
  await page.route('**/propagate', async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
  await button(page, 'Apply the change').click();
  await page.getByText('It is not known whether the change was made.').waitFor();
  await look(page, 'desktop-light-no-answer');
  assert.equal((await history(page)).length, 1, 'the server has made it');
  await button(page, 'Try again').click();
  await page.getByText('Changed, on every platform at once.').waitFor();
  assert.equal((await history(page)).length, 1);
}));

test('no answer: it says so, and goes on when there is one', () => visit({ expected: failed('net::ERR_INTERNET_DISCONNECTED') }, async (page) => {
  await page.context().setOffline(true);
  await button(page, 'Start a demo session').click();
  await page.getByText('No answer from the server.').waitFor();
  await page.context().setOffline(false);
  await button(page, 'Try again').click();
  await button(page, 'Connect Procore').waitFor();
  await page.context().setOffline(true);
  await button(page, 'Connect Procore').click();
  await page.getByText('No answer from the server.').waitFor();
  await page.context().setOffline(false);
  await button(page, 'Try again').click();
  await button(page, 'Reset Procore').waitFor();
}));

test('422: what the API refuses is said in its words', () => visit({ expected: failed('422') }, async (page) => {
  await begin(page);
  await page.getByRole('link', { name: 'Contracts' }).click();
  await openRecord(page, 'C-LEX-001'); // its amount is the sum of its lines
  await page.getByRole('dialog').getByLabel('Amount', { exact: false }).first().fill('8600000');
  await button(page, 'Preview the effect').click();
  const problem = page.getByRole('alert');
  await problem.waitFor();
  assert.match(plain(await problem.innerText()), /This is not accepted; nothing was changed\. The API says: .*\/data\/amount.* Request req_/);
}));

test('429: it says how long to wait, and waits', () => visit({ expected: failed('429') }, async (page) => {
  await page.clock.install();
  for (let i = 0; i < 5; i++) assert.equal((await page.request.post(`${origin()}/api/v1/demo/session`)).status(), 201);
  await button(page, 'Start a demo session').click();
  await page.getByText('Too many requests.').waitFor();
  const again = page.getByRole('button', { name: 'Try again' });
  assert.match(await again.innerText(), /^Try again in [1-9][0-9]? s$/);
  assert.equal(await again.isDisabled(), true);
  await look(page, 'desktop-light-too-many');
  await page.clock.runFor(61_000);
  assert.equal(await again.innerText(), 'Try again');
  assert.equal(await again.isDisabled(), false);
}));

test('401: a session that is gone leads back to the start', () => visit({ expected: failed('401') }, async (page) => {
  await begin(page, ['Procore']);
  await call(page, 'DELETE', '/demo/session');
  await button(page, 'CHK-2026-0101').click();
  await page.getByText('The session does not exist any more').waitFor();
  await button(page, 'Start a demo session').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
}));

test('404: a record that is not there', () => visit({ expected: failed('404') }, async (page) => {
  await begin(page, ['Procore']);
  await page.evaluate(() => { location.hash = 'payments/pay_unknown'; });
  await page.getByText('This record is not there any more.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}));

test('the session outlives a reload, in this tab alone, and the key is not shown again', () => visit({}, async (page) => {
  await button(page, 'Start a demo session').click();
  const shown = await page.locator('.key code').innerText();
  assert.match(shown, /^sk_demo_[A-Za-z0-9]{36}$/);
  await button(page, 'Copy the API key').click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown);
  await button(page, 'Connect Dynamics 365 Business Central').click();
  await button(page, 'Reset Dynamics 365 Business Central').waitFor();
  await page.getByRole('link', { name: 'Invoices' }).click();

  await page.reload();
  await page.getByRole('table', { name: 'Invoices' }).waitFor();
  assert.equal(await page.locator('.key code').innerText(), `sk_demo_••••••••${shown.slice(-4)}`);
  assert.ok(!(await page.content()).includes(shown), 'not even hidden');
  assert.equal(await page.evaluate(() => localStorage.length + document.cookie.length), 0);

  const other = await page.context().newPage();
  await other.goto(page.url());
  await button(other, 'Start a demo session').waitFor();
}));

test('connecting again is a reset, and asks before', () => visit({}, async (page) => {
  await begin(page);
  await call(page, 'POST', '/propagate', { format: 'canonical', canonical_id: payment, entity_type: 'payment', data: { amount: { amount: 175000000, currency: 'USD' } } });
  await button(page, 'Reset Procore').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await call(page, 'GET', `/objects/${payment}`)).body.data.platform_data.procore.amount, '1750000.00');
  await button(page, 'Reset Procore').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
  await page.locator('.records-table tr', { hasText: 'CHK-2026-0101' }).locator('.differs').first().waitFor();
  assert.equal((await call(page, 'GET', `/objects/${payment}`)).body.data.platform_data.procore.amount, '1700000.00');
}));

test('a long history comes in pages', () => visit({}, async (page) => {
  await begin(page);
  for (let i = 1; i <= 22; i++) {
    await call(page, 'POST', '/propagate', { format: 'canonical', canonical_id: payment, entity_type: 'payment', data: { notes: `Change ${i}` } });
  }
  await openRecord(page, 'CHK-2026-0101');
  const changes = page.locator('.history li');
  assert.equal(await changes.count(), 20);
  await button(page, 'Show older changes').click();
  await changes.nth(21).waitFor();
  assert.equal(await changes.count(), 22);
  assert.match(await changes.last().innerText(), /Change 1\b/);
  assert.equal(await button(page, 'Show older changes').count(), 0);
}));
