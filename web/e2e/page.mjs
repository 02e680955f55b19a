import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, button, call, look, openRecord, origin, plain, row, screens, visit } from './browser.mjs';

const payment = 'pay_NvmMc888X6CLDxl'; // Procore's 1823456, CHK-2026-0101

for (const screen of Object.keys(screens)) {
  test(`${screen}: from the first click to the last`, () => visit({ screen }, async (page) => {
    await look(page, `${screen}-1-start`);
    await button(page, 'Start a demo session').click();
    await page.getByText('Nothing is connected yet.').waitFor();
    await look(page, `${screen}-2-session`);

    await button(page, 'Connect Procore').click();
    await button(page, 'Reset Procore').waitFor();
    await page.locator('.records-table').waitFor();
    assert.deepEqual(await row(page, 'CHK-2026-0101'), [['USD 1,700,000.00', 'Pending', '2026-02-01'], ['USD 1,700,000.00', 'Pending', '2026-02-01'], []]);
    await look(page, `${screen}-3-procore`);

    await button(page, 'Connect Dynamics 365 Business Central').click();
    await page.getByRole('link', { name: /^Contracts.*disagree/ }).waitFor();
    await page.getByRole('link', { name: /^Invoices ?9/ }).waitFor();
    for (const [name, counts] of [['Procore', '5 4 13 8 8'], ['Dynamics 365 Business Central', '5 5 10 8 8']]) {
      const card = page.locator('.platform', { has: page.getByRole('heading', { name }) });
      assert.equal((await card.locator('.counts dd').allInnerTexts()).join(' '), counts, name);
      assert.equal(await card.locator('.ledger').innerText(), 'Receivables', name);
    }
    assert.deepEqual(await row(page, 'CHK-2026-0101'), [['USD 1,700,000.00', 'Pending', '2026-02-01'], ['USD 1,700,000.00', 'Pending', '2026-02-01'], ['QAR 6,188,000.00', 'Open', '2026-02-01']]);
    await look(page, `${screen}-4-payments`);

    await openRecord(page, 'CHK-2026-0101');
    await look(page, `${screen}-5-record`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Amount').fill('1,750,000.00');
    await dialog.getByLabel('Notes').fill('Updated payment amount');
    await button(page, 'Preview the effect').click();
    const effect = page.getByRole('group', { name: 'Effect' });
    await effect.waitFor();
    assert.deepEqual(await changes(effect.locator('[data-platform=procore]')), ['amount USD 1,700,000.00 → USD 1,750,000.00', 'notes Substructure progress payment #1 → Updated payment amount']);
    assert.deepEqual(await changes(effect.locator('[data-platform=dynamics]')), ['amount QAR -6,188,000.00 → QAR -6,370,000.00', 'comment Substructure progress payment #1 → Updated payment amount']);
    assert.equal(await effect.locator('[data-platform=dynamics] .rate').innerText(), '1 USD = 3.64 QAR');
    const sent = effect.locator('[data-platform=dynamics] .sent');
    await sent.locator('summary').click();
    assert.match(await sent.innerText(), /PATCH \/companies\(\{companyId\}\)\/customerPayments\(a34e74db[^)]*\)[^]*"amount": -6370000/);
    assert.equal((await call(page, 'GET', `/objects/${payment}`)).body.data.data.amount.amount, 170000000, 'a dry run writes nothing');
    await look(page, `${screen}-6-preview`);

    await button(page, 'Apply the change').click();
    await page.locator('.history li').waitFor();
    await look(page, `${screen}-7-applied`);
    const last = page.locator('.history li').first();
    assert.deepEqual(await changes(last), [
      'amount USD 1,700,000.00 → USD 1,750,000.00', 'notes Substructure progress payment #1 → Updated payment amount',
      'amount USD 1,700,000.00 → USD 1,750,000.00', 'notes Substructure progress payment #1 → Updated payment amount',
      'amount QAR -6,188,000.00 → QAR -6,370,000.00', 'comment Substructure progress payment #1 → Updated payment amount',
    ]);
    assert.equal((await call(page, 'GET', `/objects/${payment}`)).body.data.platform_data.dynamics.amount, -6370000);
    await last.scrollIntoViewIfNeeded();
    await look(page, `${screen}-8-history`);

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(await row(page, 'CHK-2026-0101'), [['USD 1,750,000.00', 'Pending', '2026-02-01'], ['USD 1,750,000.00', 'Pending', '2026-02-01'], ['QAR 6,370,000.00', 'Open', '2026-02-01']]);

    const session = await page.evaluate(() => JSON.parse(sessionStorage.getItem('structural.session')));
    await button(page, 'Delete session').click();
    await look(page, `${screen}-9-delete`);
    await dialog.getByRole('button', { name: 'Delete session' }).click();
    await page.getByText('The session is deleted').waitFor();
    await look(page, `${screen}-10-deleted`);
    assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0);
    const gone = await fetch(`${origin()}/api/v1/connections`, { headers: { Authorization: `Bearer ${session.api_key}` } });
    assert.equal(gone.status, 401);
  }));
}

// changes returns each change that a part of the page shows: field, before, after.
async function changes(part) {
  const texts = await part.locator('.changes > div').evaluateAll((rows) => rows.map((row) =>
    `${row.querySelector('dt').textContent} ${row.querySelector('del').textContent} → ${row.querySelector('ins').textContent}`));
  return texts.map(plain);
}

test('the platforms disagree where they mean different things, and nowhere else', () => visit({}, async (page) => {
  await begin(page, ['Dynamics 365 Business Central', 'Procore']);
  const found = {};
  for (const [type, rows, single] of [['Projects', 6, 2], ['Customers', 5, 1], ['Contracts', 14, 5], ['Invoices', 9, 2], ['Payments', 9, 2]]) {
    await page.getByRole('link', { name: type }).click();
    await page.getByRole('table', { name: type }).waitFor();
    await page.getByRole('button', { name: 'All' }).click();
    await look(page, `desktop-light-table-${type.toLowerCase()}`);
    assert.equal(await page.locator('.records-table tbody tr').count(), rows, type);
    for (const cell of await page.locator('.differs').all()) {
      const key = await cell.locator('xpath=ancestor::tr').getByRole('button').innerText();
      const field = await cell.getAttribute('data-field');
      (found[`${key} ${field}`] ??= []).push(plain(await cell.locator('dd').innerText()));
    }
    await page.getByRole('button', { name: 'On one side only' }).click();
    assert.equal(await page.locator('.records-table tbody tr').count(), single, `${type} on one side only`);
    assert.equal(await page.locator('.records-table .absent').count(), single);
  }
  assert.deepEqual(found, {
    'C-HLP-001 status': ['Complete', 'Open'], // Procore's contract 1946104
    'INV-2025-0062 status': ['Approved', 'Paid'], // Procore has no word for paid: the closest is a difference, too
    'CHK-2026-0102 date': ['2026-02-10', '2026-02-12'], // payment 1823461
    'CHK-2026-0105 amount': ['USD 1,242,000.00', 'SAR 4,657,425.00'], // payment 1823480
  });
}));

test('a disagreement is ended with one button, where the other platform can say it', () => visit({}, async (page) => {
  await begin(page);
  await openRecord(page, 'CHK-2026-0105');
  assert.match(plain(await page.locator('.disagreement').innerText()), /^Dynamics 365 Business Central less Procore: USD -20.00 Take Procore’s/);
  await look(page, 'desktop-light-disagreement');
  await page.getByRole('dialog').getByRole('button', { name: 'Take Procore’s value, CHK-2026-0105 amount' }).click();
  const effect = page.getByRole('group', { name: 'Effect' });
  await effect.waitFor();
  assert.match(await effect.locator('[data-platform=procore]').innerText(), /Stays as it is/);
  assert.deepEqual(await changes(effect.locator('[data-platform=dynamics]')), ['amount SAR -4,657,425.00 → SAR -4,657,500.00']);
  await button(page, 'Apply the change').click();
  await page.locator('.history li').waitFor();
  assert.equal(await page.locator('.disagreement').count(), 0);
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Contracts' }).click();
  await openRecord(page, 'C-HLP-001');
  await page.getByRole('dialog').getByRole('button', { name: 'Take Procore’s value' }).click();
  await page.getByText('Dynamics 365 Business Central has no word for this status; what it has stays.').waitFor();
  await page.getByText('There is nothing to apply.').waitFor();
}));

test('every kind of record can be changed', () => visit({}, async (page) => {
  await begin(page);
  for (const [type, key, label, value, want] of [
    ['Projects', 'LBT-2025-001', 'Value', '62,500,000.00', 'contractTotalPrice QAR 227,136,000.00 → QAR 227,500,000.00'],
    ['Customers', 'C00120', 'Email', 'new@dip.example', 'email tenders@dip.example → new@dip.example'],
    ['Contracts', 'C-LEX-001', 'Title', 'Substructure, part A', 'postingDescription Substructure Package → Substructure, part A'],
    ['Invoices', 'INV-2026-0004', 'Invoice date', '2026-03-16', 'invoiceDate 2026-03-15 → 2026-03-16'],
    ['Payments', 'CHK-2026-0101', 'Date', '2026-02-03', 'postingDate 2026-02-01 → 2026-02-03'],
  ]) {
    await page.getByRole('link', { name: type }).click();
    await openRecord(page, key);
    await page.getByRole('dialog').getByLabel(label, { exact: false }).first().fill(value);
    await button(page, 'Preview the effect').click();
    const effect = page.getByRole('group', { name: 'Effect' });
    await effect.waitFor();
    assert.deepEqual(await changes(effect.locator('[data-platform=dynamics]')), [want]);
    await button(page, 'Apply the change').click();
    await page.locator('.history li').waitFor();
    await page.keyboard.press('Escape');
  }
}));

test('what is no amount is not sent, and the field says so', () => visit({}, async (page) => {
  await begin(page);
  await openRecord(page, 'CHK-2026-0101');
  const amount = page.getByRole('dialog').getByLabel('Amount');
  for (const text of ['1.234', '1,75', 'many', '-', '1e9', '99999999999999999']) {
    await amount.fill(text);
    await page.getByText('Not an amount in USD').waitFor();
    assert.equal(await button(page, 'Preview the effect').isDisabled(), true, text);
  }
  await look(page, 'desktop-light-invalid');
  await amount.fill('1,700,000');
  assert.equal(await page.getByText('Not an amount in USD').count(), 0);
  assert.equal(await button(page, 'Preview the effect').isDisabled(), true, 'the same amount is no change');
}));

test('by keyboard alone', () => visit({}, async (page) => {
  // press goes to what has the name with the Tab key, and presses another there.
  const press = async (name, key = 'Enter') => {
    for (let i = 0; i < 150; i++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        return element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).textContent;
      });
      if (focused.replace(/\s+/g, ' ').trim() === name) return page.keyboard.press(key);
    }
    assert.fail(`${name} is not reached`);
  };
  await press('Start a demo session');
  await page.getByText('Nothing is connected yet.').waitFor();
  await press('Connect Procore');
  await button(page, 'Reset Procore').waitFor();
  await press('Connect Dynamics 365 Business Central');
  await page.getByRole('link', { name: /^Contracts.*disagree/ }).waitFor();
  await press('CHK-2026-0101');
  await page.getByRole('heading', { name: 'History' }).waitFor();
  await press('Amount USD', 'ControlOrMeta+A');
  await page.keyboard.type('1,750,000.00');
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'Effect' }).waitFor();
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  await press('Apply the change');
  await page.locator('.history li').waitFor();
  assert.equal(outline, 'none', 'the group that has the focus after a preview is no control');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'CHK-2026-0101', 'the focus is back where it was');
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'solid');
  await press('Delete session');
  await press('Delete session');
  await page.getByText('The session is deleted').waitFor();
}));
