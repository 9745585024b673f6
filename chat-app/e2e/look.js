/**
 * Opens every state of the page in a real browser, at three widths and in both themes, under the production policy:
 * keeps a picture of each, and fails on any accessibility violation, console error, sideways scroll, request that
 * leaves the origin, or too heavy a first load. Usage: npm run build && npm run look -- [folder] [names of states, comma between]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

import { chromium } from 'playwright-core';

import { MockApi } from '../mock/api.js';
import { serve } from '../mock/server.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {{ name: string, signedIn?: boolean, path?: string, run?: (page: Page) => Promise<unknown> }} State
 */

const WIDTHS = process.env['WIDTHS']?.split(',').map(Number) ?? [360, 1024, 1600];

/** The most script, gzipped, that a signed-in person may have to fetch before asking. */
const FIRST_LOAD_BYTES = 150_000;
const COLLECTIONS = [
  { id: 'people', name: 'People' },
  { id: 'operations', name: 'Operations and plants' },
];

/** @param {string} question @returns {(page: Page) => Promise<void>} */
const ask = (question) => async (page) => {
  await page.getByLabel('Your question').fill(question);
  await page.keyboard.press('Enter');
  await page.locator('[aria-live][aria-busy=false]').last().waitFor();
};

/** @param {string} question @returns {(page: Page) => Promise<void>} */
const open = (question) => async (page) => {
  await ask(question)(page);
  await page.locator('.answer .citation').first().click();
  await page
    .locator('[data-scroller] mark, [data-scroller] .marked, [data-scroller] .text-danger')
    .first()
    .waitFor();
};

/** @type {State[]} */
const STATES = [
  { name: 'signed-out', signedIn: false },
  { name: 'empty' },
  { name: 'not-found', path: '/nowhere' },
  { name: 'settings', path: '/account' },
  { name: 'typing', run: (page) => page.getByLabel('Your question').fill('Why? '.repeat(202)) },
  {
    name: 'searching',
    run: async (page) => {
      await page.getByLabel('Your question').fill('A slow question about hotels');
      await page.keyboard.press('Enter');
      await page.getByText('Looking in your documents').waitFor();
    },
  },
  { name: 'answer', run: ask('What may a hotel in Lisbon cost per night today?') },
  {
    name: 'follow-up',
    run: async (page) => {
      await ask('What may a hotel in Lisbon cost per night today?')(page);
      await ask('And there?')(page);
    },
  },
  { name: 'rich', run: ask('What does the runbook say about the first minutes of an outage?') },
  {
    name: 'preview',
    run: async (page) => {
      await ask('What may a hotel in Lisbon cost per night today?')(page);
      await page.locator('.answer .citation').first().focus();
      await page.locator('.popup mark').waitFor();
    },
  },
  { name: 'source', run: open('What may a hotel in Lisbon cost per night today?') },
  { name: 'source-table', run: open('What is the list price of the Tarn Gooseneck kettle?') },
  { name: 'source-slide', run: open('When is the party?') },
  { name: 'source-gone', run: open('A source that is gone') },
  { name: 'declined', run: ask('decline: what does a lid cost?') },
  { name: 'nothing-near', run: ask('nothing near this') },
  { name: 'degraded', run: ask('degraded: what may a hotel cost?') },
  { name: 'failed', run: ask('fail: what may a hotel cost?') },
  { name: 'limited', run: ask('What is the limit of questions?') },
  { name: 'cut-off', run: ask('break: what may a hotel cost?') },
  {
    name: 'stopped',
    run: async (page) => {
      await page.getByLabel('Your question').fill('Go on forever about hotels');
      await page.keyboard.press('Enter');
      await page.locator('.answer').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('You stopped').waitFor();
    },
  },
  {
    name: 'expired',
    run: async (page) => {
      await ask('expire: what may a hotel cost?')(page);
      await page.getByText('Your session has ended.').first().waitFor();
    },
  },
  { name: 'hostile', run: ask('hostile: what may a hotel cost?') },
  {
    name: 'account',
    run: async (page) => {
      const menu = page.getByRole('button', { name: 'Open the menu' });
      if (await menu.isVisible()) await menu.click();
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    },
  },
  {
    name: 'collections',
    run: (page) =>
      page.getByRole('combobox', { name: 'Documents to ask' }).selectOption('Operations and plants'),
  },
];

const folder = process.argv[2] ?? 'e2e/shots';
const only = process.argv[3]?.split(',');
mkdirSync(folder, { recursive: true });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const api = new MockApi({ collections: COLLECTIONS });
const server = await serve({ port: 0, api });
const address = /** @type {import('node:net').AddressInfo} */ (server.address());
const origin = `http://127.0.0.1:${address.port}`;
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

/** @type {{ state: string, width: number, theme: string, complaints: string[] }[]} */
const results = [];

/**
 * What axe has against a page. The debugger runs it, which no page policy stops.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
async function violationsOf(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = /** @type {{ axe: import('axe-core') }} */ (/** @type {unknown} */ (globalThis));
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map(
      ({ id, nodes }) => `axe ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' || ')}`,
    );
  });
}

/** @param {State} state @param {number} width @param {'light' | 'dark'} theme */
async function look(state, width, theme) {
  api.signedIn = state.signedIn ?? true;
  api.delayMs = state.name === 'searching' ? 100 : 0;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`left the origin: ${request.url()}`);
  });
  /** @type {Promise<number>[]} */
  const scripts = [];
  page.on('response', (response) => {
    if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto(origin + (state.path ?? '/'));
  await page.locator('h1').first().waitFor();
  const firstLoad = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0);
  if (firstLoad > FIRST_LOAD_BYTES) complaints.push(`first load takes ${firstLoad} bytes of script`);
  if (state.name === 'empty') console.log(`first load at ${width} px: ${firstLoad} bytes of script, gzipped`);
  await state.run?.(page);
  await page.screenshot({ path: `${folder}/${state.name}-${width}-${theme}.png` });
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (sideways > 0) complaints.push(`${sideways} px wider than the window`);
  complaints.push(...(await violationsOf(page)));
  results.push({ state: state.name, width, theme, complaints });
  await context.close();
}

for (const state of STATES) {
  if (only && !only.includes(state.name)) continue;
  for (const width of WIDTHS) {
    for (const theme of /** @type {const} */ (['light', 'dark'])) await look(state, width, theme);
  }
}
await browser.close();
server.closeAllConnections();
server.close();

writeFileSync(`${folder}/results.json`, JSON.stringify(results, null, 2));
const bad = results.filter(({ complaints }) => complaints.length > 0);
for (const { state, width, theme, complaints } of bad)
  console.log(`${state} ${width} ${theme}\n  ${complaints.join('\n  ')}`);
console.log(`${results.length} states looked at, ${bad.length} with complaints`);
process.exitCode = bad.length > 0 ? 1 : 0;
