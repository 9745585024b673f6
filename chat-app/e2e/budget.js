/**
 * What the page costs: the compressed script of the first load, the requests it takes, and the longest task of the
 * browser while an answer of 5,000 tokens streams in. Prints one line of JSON; fails over the budget.
 * `npm run build && npm run budget`
 */
import { gzipSync } from 'node:zlib';

import { MockApi } from '../mock/api.js';
import { serve } from '../mock/server.js';
import { launch } from './browser.js';

const BUDGET = { scriptBytes: 150_000, requests: 40, longestTaskMs: 100 };
const TOKENS = 5000;

const api = new MockApi({ conversations: 5 });
const server = await serve({ port: 0, api });
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const browser = await launch();
const page = await browser.newPage();

/** @type {Promise<number>[]} */
const scripts = [];
let requests = 0;
page.on('response', (response) => {
  requests += 1;
  if (response.url().endsWith('.js')) scripts.push(response.body().then((body) => gzipSync(body).length));
});
await page.goto(`http://127.0.0.1:${port}/`);
await page.getByRole('textbox', { name: 'Your question' }).waitFor();
await page.waitForLoadState('networkidle');
const scriptBytes = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0);
const firstRequests = requests;

await page.evaluate(() => {
  const tasks = /** @type {number[]} */ ([]);
  Object.assign(globalThis, { tasks });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: 'longtask' });
});
await page.getByRole('textbox', { name: 'Your question' }).fill(`Write ${TOKENS} tokens`);
await page.keyboard.press('Enter');
await page.locator('article [aria-live][aria-busy=false]').waitFor({ timeout: 120_000 });
const tasks = await page.evaluate(
  () => /** @type {{ tasks: number[] }} */ (/** @type {unknown} */ (globalThis)).tasks,
);
const words = (await page.locator('.answer').innerText()).length;

const measured = {
  scriptBytes,
  requests: firstRequests,
  longestTaskMs: Math.round(Math.max(0, ...tasks)),
};
console.log(JSON.stringify({ ...measured, budget: BUDGET, answerCharacters: words }));
await browser.close();
server.closeAllConnections();
server.close();
if (Object.entries(BUDGET).some(([name, most]) => measured[/** @type {keyof typeof BUDGET} */ (name)] > most))
  process.exitCode = 1;
