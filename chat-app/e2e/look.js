/**
 * Opens every state of the page in a real browser, at three widths and in both themes, under the production policy:
 * keeps a picture of each, and fails on any accessibility violation, console error, sideways scroll, request that
 * leaves the origin, or too heavy a first load. What axe found goes to e2e/axe.json when every state was looked at.
 * Usage: npm run build && npm run look -- [folder] [names of states, comma between]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { MockApi } from '../mock/api.js';
import { serve } from '../mock/server.js';
import { axeViolations } from './axe.js';
import { launch } from './browser.js';
import { STATES } from './states.js';

const WIDTHS = process.env['WIDTHS']?.split(',').map(Number) ?? [360, 1024, 1600];
const THEMES = /** @type {const} */ (['light', 'dark']);
/** Languages to look in, `xb` being the marked one from right to left. */
const LANGUAGE = process.env['LANGUAGE_OF_PAGE'] ?? 'en';
const AT_ONCE = 2;

/** The most script, gzipped, that a signed-in person may have to fetch before asking. */
const FIRST_LOAD_BYTES = 150_000;

const folder = process.argv[2] ?? join(import.meta.dirname, 'shots');
const only = process.argv[3]?.split(',');
mkdirSync(folder, { recursive: true });

/** @type {{ state: string, width: number, theme: string, violations: string[], complaints: string[] }[]} */
const results = [];
const browser = await launch();

/**
 * @param {import('./states.js').State} state
 * @param {number} width
 */
async function look(state, width) {
  const api = new MockApi({
    signedIn: state.signedIn ?? true,
    delayMs: state.name === 'searching' ? 100 : 0,
    ...state.mock,
  });
  const server = await serve({ port: 0, api });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 900 },
    reducedMotion: 'reduce',
  });
  await context.addInitScript((language) => {
    globalThis.localStorage.setItem('docent.language', language);
  }, LANGUAGE);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(message.text()))
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
  if (state.name === 'empty') {
    await page.waitForLoadState('networkidle');
    const firstLoad = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0);
    if (firstLoad > FIRST_LOAD_BYTES) complaints.push(`first load takes ${firstLoad} bytes of script`);
    console.log(`first load at ${width} px: ${firstLoad} bytes in ${scripts.length} scripts, gzipped`);
  }
  if (state.ready !== undefined) await page.getByText(state.ready).first().waitFor();
  await state.run?.(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: `${folder}/${state.name}-${width}-${theme}.png` });
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    const found = [...complaints, ...(sideways > 0 ? [`${sideways} px wider than the window`] : [])];
    results.push({
      state: state.name,
      width,
      theme,
      violations: await axeViolations(page),
      complaints: found,
    });
  }
  await context.close();
  server.closeAllConnections();
  server.close();
}

const wanted = STATES.filter(({ name }) => only?.includes(name) ?? true);
const queue = wanted.flatMap((state) => WIDTHS.map((width) => ({ state, width })));
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { state, width } = next;
      await look(state, width).catch((/** @type {unknown} */ error) => {
        console.log(`${state.name} at ${width}: ${String(error)}`);
        process.exitCode = 1;
      });
    }
  }),
);
await browser.close();

const bad = results.filter(({ violations, complaints }) => violations.length + complaints.length > 0);
for (const { state, width, theme, violations, complaints } of bad)
  console.log(`${state} ${width} ${theme}\n  ${[...violations, ...complaints].join('\n  ')}`);
console.log(`${results.length} looks, ${bad.length} with complaints`);
if (bad.length > 0) process.exitCode = 1;

if (only === undefined && LANGUAGE === 'en') {
  const looks = results
    .map(({ state, width, theme, violations }) => ({ state, width, theme, violations }))
    .sort((one, other) => one.state.localeCompare(other.state) || one.width - other.width);
  const summary = {
    states: wanted.length,
    widths: WIDTHS,
    themes: THEMES,
    looks: looks.length,
    violations: looks.reduce((sum, one) => sum + one.violations.length, 0),
    found: looks.filter(({ violations }) => violations.length > 0),
  };
  writeFileSync(
    join(import.meta.dirname, 'axe.json'),
    `${JSON.stringify({ ...summary, names: wanted.map(({ name }) => name) }, null, 2)}\n`,
  );
}
