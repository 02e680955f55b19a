// The code that the page shows is copied from it, and run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { button, call, importRecords, openRecord, visit } from './browser.mjs';

const run = promisify(execFile);
const web = join(import.meta.dirname, '..');
const require = createRequire(join(web, 'package.json'));
const folder = mkdtempSync(join(tmpdir(), 'structural-snippets-'));
after(() => rmSync(folder, { recursive: true }));
const sdk = join(web, '../sdk/typescript/src/index.ts');
let files = 0;

// What each language is run with; the text of the snippet is all that it gets, besides the key.
const runners = {
  curl: (text, env) => run('bash', ['-euo', 'pipefail', '-c', text], { env }),
  TypeScript: async (text, env) => {
    const file = join(folder, `${files++}.mts`);
    writeFileSync(file, text);
    const bundle = file.replace(/mts$/, 'mjs');
    await require('esbuild').build({ entryPoints: [file], outfile: bundle, bundle: true, format: 'esm', platform: 'node', alias: { '@structural/sdk': sdk } });
    return run(process.execPath, [bundle], { env });
  },
  Go: async (text, env) => {
    const file = join(folder, `${files++}.go`);
    writeFileSync(file, text + '\n');
    assert.equal((await run('gofmt', ['-d', file])).stdout, '');
    return run('go', ['run', file], { cwd: join(web, '../sdk/go'), env });
  },
};

// copied returns what the Copy button beside an operation gives.
async function copied(page, operation, language) {
  const panel = page.locator('details.code', { has: page.locator('summary code', { hasText: new RegExp(`^${operation}$`) }) }).last();
  if (!(await panel.evaluate((details) => details.open))) await panel.locator('summary').click();
  await panel.getByRole('button', { name: language, exact: true }).first().click();
  await panel.getByRole('button', { name: `Copy ${operation} in ${language}` }).last().click();
  return page.evaluate(() => navigator.clipboard.readText());
}

for (const language of Object.keys(runners)) {
  test(`the code runs: ${language}`, () => visit({}, async (page) => {
    const execute = async (operation, key) => {
      const text = await copied(page, operation, language);
      const { stdout } = await runners[language](text, { ...process.env, KEY: key ?? '' }).catch((error) => assert.fail(`${text}\n${error.message}`));
      assert.doesNotMatch(stdout, /"error"/, text);
      return stdout;
    };

    const made = (await execute('createDemoSession')).trim();
    assert.match(made, /^sk_demo_[A-Za-z0-9]{36}$/);

    await button(page, 'Start a demo session').click();
    await button(page, 'Connect Dynamics 365 Business Central').waitFor();
    const { api_key: key } = await page.evaluate(() => JSON.parse(sessionStorage.getItem('structural.session')));
    assert.match(await execute('connectPlatform', key), /8/); // the last card's: Dynamics 365 Business Central
    const { connections } = (await call(page, 'GET', '/connections')).body.data;
    assert.deepEqual(connections.map(({ platform }) => platform), ['dynamics']);
    await button(page, 'Connect Procore').click();
    await button(page, 'Reset Procore').waitFor();
    await page.locator('.records-table').waitFor();
    assert.match(await execute('getObjects', key), /CHK-2026-0101|a34e74db-53c7-4368-8fe7-bb87c83c7902/);

    assert.match(await execute('getReconciliation', key), /payment/);
    await page.getByRole('link', { name: 'Retainage' }).click();
    await page.getByRole('table', { name: 'Retainage' }).waitFor();
    assert.match(await execute('getRetainageReport', key), /C-LEX-001|24200000/);
    await page.getByLabel('Project', { exact: true }).selectOption({ label: 'NMC-2025-006' });
    await page.getByLabel('Kind', { exact: true }).selectOption('payment');
    await page.locator('.overview [data-entity=payment]', { hasText: '-20.00' }).waitFor();
    await page.getByRole('link', { name: 'Differences' }).click();
    await page.getByRole('table', { name: 'Differences' }).waitFor();
    const listed = await execute('getReconciliationDifferences', key);
    assert.match(listed, /CHK-2026-0105/);
    assert.doesNotMatch(listed, /CHK-2026-0102|NMC-2025-006/, 'the code has the filter');
    await page.locator('[data-difference]').getByRole('button', { name: 'Accept' }).click();
    await page.getByLabel('Why').fill('The bank’s "fee", \\ 5 o\'clock');
    assert.match(await execute('acceptDifference', key), /fee/);
    await page.reload();
    await page.getByRole('button', { name: /^Accepted 1/ }).click();
    await page.getByText('The bank’s "fee", \\ 5 o\'clock').waitFor();
    await execute('deleteAcceptedDifference', key);
    await page.getByRole('link', { name: 'Matches' }).click();
    await importRecords(page, 'procore', 'customer', [{ id: 777001, name: 'Souq Retail Partner Co', city: 'Doha', country_code: 'QA', is_active: true }]);
    await page.reload();
    await page.locator('[data-match]').waitFor();
    assert.match(await execute('getMatches', key), /Souq Retail Partner Co/);
    assert.match(await execute('createMatchDecision', key), /dec_/);
    await page.reload();
    await page.locator('.decisions > li').waitFor();
    assert.match(await execute('getMatchDecisions', key), /same/);
    await execute('deleteMatchDecision', key);
    assert.deepEqual((await call(page, 'GET', '/matches/decisions')).body.data, []);
    await page.getByRole('link', { name: 'Payments' }).click();

    await openRecord(page, 'CHK-2026-0101');
    assert.match(await execute('getObject', key), /1823456/);
    await page.getByRole('dialog').getByLabel('Amount').fill('1,750,000.00');
    await page.getByRole('dialog').getByLabel('Notes').fill('It’s 5 o\'clock, "$KEY" \\ `done`');
    assert.match(await execute('propagateChange', key), /-6370000/);
    assert.equal((await call(page, 'GET', '/objects/pay_NvmMc888X6CLDxl')).body.data.data.amount.amount, 170000000, 'the code of the preview is a dry run');
    await button(page, 'Preview the effect').click();
    await page.getByRole('group', { name: 'Effect' }).waitFor();
    assert.match(await execute('propagateChange', key), /-6370000/);
    const { data } = (await call(page, 'GET', '/objects/pay_NvmMc888X6CLDxl')).body.data;
    assert.deepEqual([data.amount.amount, data.notes], [175000000, 'It’s 5 o\'clock, "$KEY" \\ `done`']);
    assert.match(await execute('getObjectHistory', key), /175000000/);
    await page.keyboard.press('Escape');

    await execute('deleteDemoSession', made);
    await assert.rejects(execute('deleteDemoSession', made), 'it is gone');
  }));
}

test('the code is of the right types: TypeScript', async () => {
  assert.ok(files > 0, 'after the test that runs it');
  writeFileSync(join(folder, 'process.d.ts'), 'declare const process: { env: Record<string, string | undefined> };');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      strict: true, noEmit: true, target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      types: [], paths: { '@structural/sdk': [sdk] },
    },
    include: ['*.mts', 'process.d.ts'],
  }));
  await run(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder]).catch(({ stdout }) => assert.fail(stdout));
});
