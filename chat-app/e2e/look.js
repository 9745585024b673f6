/**
 * Opens every state of the page in a real browser, at three widths and in both themes, under the production policy, and
 * fails on any accessibility violation, console error, sideways scroll, request that leaves the origin, or movement of
 * what stands on the screen. What axe found goes to e2e/axe.json when every state was looked at.
 * Usage: npm run build && npm run look -- [folder for pictures, or "-"] [names of states, comma between]
 * ONE_WIDTH=yes looks at each state at one of the widths, the next at the next: what every submission has time for.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { MockApi } from '../mock/api.js';
import { serve } from '../mock/server.js';
import { axeViolations } from './axe.js';
import { launch } from './browser.js';
import { shiftOf, watchShifts } from './shifts.js';
import { STATES } from './states.js';

const WIDTHS = process.env['WIDTHS']?.split(',').map(Number) ?? [360, 1024, 1600];
const THEMES = /** @type {const} */ (['light', 'dark']);
/** Languages to look in, `xb` being the marked one from right to left. */
const LANGUAGE = process.env['LANGUAGE_OF_PAGE'] ?? 'en';
const ONE_WIDTH = process.env['ONE_WIDTH'] === 'yes';
const AT_ONCE = Number(process.env['AT_ONCE'] ?? 2);
/** How far things may move while a page comes up: Google calls 0.1 good. */
const MOST_SHIFT = 0.01;

const folder = process.argv[2] ?? '-';
const only = process.argv[3]?.split(',');
if (folder !== '-') mkdirSync(folder, { recursive: true });

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('./states.js').State} State
 */

/** @type {{ state: string, width: number, theme: string, violations: string[], complaints: string[] }[]} */
const results = [];
const browser = await launch();

/**
 * Brings a page into a state, lets `see` look at it, and returns what the page did wrong on the way.
 * @param {State} state
 * @param {number} width
 * @param {(page: Page, complaints: string[]) => Promise<void>} see
 */
async function open(state, width, see) {
  const api = new MockApi({
    signedIn: state.signedIn ?? true,
    delayMs: state.name === 'searching' ? 100 : 0,
    ...state.mock,
  });
  const server = await serve({ port: 0, api });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({ viewport: sizeOf(width), reducedMotion: 'reduce' });
  await context.addInitScript((language) => {
    globalThis.localStorage.setItem('docent.language', language);
  }, LANGUAGE);
  const page = await context.newPage();
  await page.addInitScript(watchShifts);
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
  await page.goto(origin + (state.path ?? '/'));
  await page.locator('h1').first().waitFor();
  if (state.ready !== undefined) await page.getByText(state.ready).first().waitFor();
  const shift = await shiftOf(page);
  if (shift > MOST_SHIFT) complaints.push(`things move by ${shift}`);
  await state.run?.(page);
  await see(page, complaints);
  await context.close();
  server.closeAllConnections();
  server.close();
}

/** @param {number} width */
const sizeOf = (width) => ({ width, height: width < 500 ? 740 : 900 });

/** Keeps a picture. @param {Page} page @param {string} name */
async function keep(page, name) {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 70 });
  await session.detach();
  writeFileSync(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
}

/** @param {State} state @param {Page} page @param {number} width @param {string[]} complaints */
async function look(state, page, width, complaints) {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    if (folder !== '-') await keep(page, `${state.name}-${width}-${theme}`);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    const violations = await axeViolations(page, { onlyColour: theme !== THEMES[0] });
    const found = [...complaints, ...(sideways > 0 ? [`${sideways} px wider than the window`] : [])];
    results.push({ state: state.name, width, theme, violations, complaints: found });
  }
}

/** A state is come to once and its window made narrower, but where the way to it depends on the width. @param {State} state */
async function lookAtAll(state) {
  const some = ONE_WIDTH ? WIDTHS.slice(wanted.indexOf(state) % WIDTHS.length).slice(0, 1) : [...WIDTHS];
  const widths = some.sort((one, other) => other - one);
  const ways = state.eachWidth === true || folder !== '-' ? widths.map((width) => [width]) : [widths];
  for (const [first = 0, ...others] of ways)
    await open(state, first, async (page, complaints) => {
      await look(state, page, first, complaints);
      for (const width of others) {
        await page.setViewportSize(sizeOf(width));
        await look(state, page, width, complaints);
      }
    });
}

const wanted = STATES.filter(({ name }) => only?.includes(name) ?? true);
const queue = [...wanted];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      const { name } = state;
      await lookAtAll(state).catch((/** @type {unknown} */ error) => {
        console.log(`${name}: ${String(error)}`);
        process.exitCode = 1;
      });
    }
  }),
);
await browser.close();

const bad = results.filter(({ violations, complaints }) => violations.length + complaints.length > 0);
for (const { state, width, theme, violations, complaints } of bad)
  console.log(`${state} ${width} ${theme}\n  ${[...violations, ...complaints].join('\n  ')}`);
console.log(`${results.length} looks at ${wanted.length} states, ${bad.length} with complaints`);
if (bad.length > 0) process.exitCode = 1;

if (only === undefined && LANGUAGE === 'en' && !ONE_WIDTH) {
  const found = results
    .filter(({ violations }) => violations.length > 0)
    .map(({ state, width, theme, violations }) => ({ state, width, theme, violations }))
    .sort((one, other) => one.state.localeCompare(other.state) || one.width - other.width);
  const summary = {
    states: wanted.length,
    widths: WIDTHS,
    themes: THEMES,
    looks: results.length,
    violations: found.reduce((sum, one) => sum + one.violations.length, 0),
    found,
    names: wanted.map(({ name }) => name),
  };
  writeFileSync(join(import.meta.dirname, 'axe.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
