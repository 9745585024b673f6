/**
 * The page against a running Docent, in a real browser: `node e2e/journey.js ADDRESS FOLDER`. Prints one line of JSON a
 * step: {step, ok, seconds, error}. What failed leaves its trace and its picture in FOLDER.
 */
import { join } from 'node:path';

import { launch } from './browser.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {import('playwright-core').BrowserContext} Context
 */

const [base = '', folder = '.'] = process.argv.slice(2);
const PATIENCE_MS = 90_000;

/** @type {[string, string, RegExp][]} a question for each format, and the file whose place must be shown */
const FORMATS = [
  ['What may a hotel in Lisbon cost per night today?', 'Travel and Expenses Policy v4.pdf', /Page \d/],
  ['What are the core hours at Brindlemoor?', 'Employee Handbook 2025.docx', /“.+”/],
  ['What is the list price of the Tarn Gooseneck kettle?', 'Price List 2025.xlsx', /Sheet “.+”, [A-Z]+\d/],
  ['Which sales region shrank in the first quarter of 2025?', 'All Hands Q1 2025.pptx', /Slide \d/],
  ['What happened to order SO-51101?', 'orders_2025_q1.csv', /[A-Z]+\d/],
  ['How do I descale my kettle?', 'customer_faq.html', /./],
  ['What is the name of the Wi-Fi network for guests in Porto?', 'Office Guide Porto.txt', /./],
  ['Which serial numbers have the faulty thermostat?', 'Case 8841 thermostat.eml', /./],
  ['How many cartons of delivery DN-20417 were damaged?', 'Scan Delivery Note DN-20417.png', /./],
];

/** @param {Page} page @param {string} name */
async function signIn(page, name) {
  await page.goto(base);
  await page.getByRole('link', { name: 'Sign in with Google' }).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('textbox', { name: 'Your question' }).waitFor();
}

/** The newest answer, when it is complete. @param {Page} page @param {string} question */
async function ask(page, question) {
  await page.getByRole('textbox', { name: 'Your question' }).fill(question);
  await page.keyboard.press('Enter');
  const turn = page.getByRole('article', { name: question }).last();
  await turn.locator('[aria-live][aria-busy=false]').waitFor();
  return turn;
}

/** How long each call of the local Google Cloud takes at least. @param {Page} page @param {number} seconds */
const roundTrip = (page, seconds) =>
  page.request.put(`${base}/local/control/round-trip`, { data: { seconds } });

/** @param {boolean} holds @param {string} promise */
function check(holds, promise) {
  if (!holds) throw new Error(`not so: ${promise}`);
}

/** @type {[string, (page: Page) => Promise<void>][]} each begins where the one before it ended */
const ALICE = [
  ['sign-in', (page) => signIn(page, 'Alice')],
  [
    'answer by keyboard',
    async (page) => {
      await page.locator('body').press('/');
      await page.keyboard.type('What may a hotel in Lisbon cost per night today?');
      await page.keyboard.press('Enter');
      const number = page.getByRole('button', {
        name: /^Source \d+: Travel and Expenses Policy v4\.pdf, Page \d/,
      });
      await number.first().waitFor();
      await page.locator('[aria-live][aria-busy=false]').last().waitFor();
      for (let tabs = 0; tabs < 40; tabs += 1) {
        await page.keyboard.press('Shift+Tab');
        if (await number.first().evaluate((element) => element === element.ownerDocument.activeElement))
          break;
      }
      await page.locator('.popup mark').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('[data-scroller] mark').first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('[data-scroller]').waitFor({ state: 'detached' });
      check(page.url().includes('/c/'), 'the conversation has an address');
    },
  ],
  ...FORMATS.map(
    ([question, file, place]) =>
      /** @type {[string, (page: Page) => Promise<void>]} */ ([
        `source of ${file}`,
        async (page) => {
          await page.getByRole('link', { name: 'New question' }).click();
          const turn = await ask(page, question);
          await turn.locator('footer').getByRole('button', { name: file }).first().click();
          const pane = page.getByRole('complementary', { name: file });
          await pane.locator('[aria-current=true] mark, [aria-current=true] .marked').first().waitFor();
          check(place.test(await pane.locator('header').innerText()), `the place is named: ${place}`);
          const link = await pane.getByRole('link', { name: /Open in Drive/ }).getAttribute('href');
          check(link?.startsWith('http') === true, 'it opens in Drive');
          await page.keyboard.press('Escape');
        },
      ]),
  ),
  [
    'declined',
    async (page) => {
      await page.getByRole('link', { name: 'New question' }).click();
      const turn = await ask(page, 'Who founded Brindlemoor Kettle Works?');
      await turn.getByText('Not in your documents', { exact: true }).waitFor();
    },
  ],
  [
    'whole file',
    async (page) => {
      await page.getByRole('link', { name: 'Drive', exact: true }).click();
      await page.getByRole('searchbox', { name: /by name/ }).fill('Price');
      await page.getByRole('button', { name: 'Ask only “Price List 2025.xlsx”' }).click();
      const turn = await ask(page, 'What is the list price of the Tarn Gooseneck kettle?');
      await turn.getByText('Asked only: Price List 2025.xlsx').waitFor();
      const files = (await turn.innerText()).match(/[\w ]+\.(?:pdf|docx|xlsx|pptx|csv|html|txt|eml|png)/g);
      check(files?.every((file) => file.includes('Price List 2025')) === true, 'no other file is named');
      await page.getByRole('button', { name: 'Ask all documents again' }).click();
    },
  ],
  [
    'conversations',
    async (page) => {
      const list = page.getByRole('region', { name: 'Conversations' });
      await list.getByRole('link').first().waitFor();
      await list.getByRole('searchbox').fill('hotel');
      await list
        .getByRole('link', { name: /hotel in Lisbon/ })
        .first()
        .click();
      await page.getByRole('heading', { name: /hotel in Lisbon/ }).waitFor();
      await page.reload();
      await page
        .getByRole('button', { name: /^Source \d/ })
        .first()
        .waitFor();
      await list
        .getByRole('button', { name: /^Options of .*hotel/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      await page.getByRole('textbox', { name: 'New title' }).fill('Lisbon');
      await page.keyboard.press('Enter');
      await list.getByRole('link', { name: 'Lisbon', exact: true }).waitFor();
    },
  ],
  [
    'price, then progress',
    async (page) => {
      await page.goto(`${base}/admin/add`);
      await page.getByText('What to read').waitFor();
      await roundTrip(page, 0.3);
      try {
        await page.locator('label', { hasText: 'Everything Docent’s account can see' }).click();
        const begin = page.getByRole('button', { name: 'Index', exact: true });
        check(
          (await begin.getAttribute('aria-disabled')) === 'true',
          'nothing starts before the price is known',
        );
        await page.getByText('20 are read already').waitFor();
        await page.getByRole('textbox', { name: 'Name of the collection' }).fill('Everything');
        await begin.click();
        await page.getByRole('progressbar', { name: 'Progress of Everything' }).waitFor();
      } finally {
        await roundTrip(page, 0);
      }
      await page.getByText('Last read').first().waitFor();
      await page.goto(`${base}/admin`);
      const row = page.getByRole('listitem').filter({ hasText: 'Everything' }).first();
      check(/Indexed\s*20/i.test(await row.innerText()), 'its twenty files are counted by state');
    },
  ],
];

/** @type {[string, (page: Page) => Promise<void>][]} */
const CAROL = [
  ['sign-in of a partner', (page) => signIn(page, 'Carol')],
  [
    'permission denied',
    async (page) => {
      const turn = await ask(page, 'What may a hotel in Lisbon cost per night today?');
      await turn.getByText('Not in your documents', { exact: true }).waitFor();
      check(
        !(await page.locator('body').innerText()).includes('Travel and Expenses'),
        'the file is not named',
      );
    },
  ],
  [
    'erase me',
    async (page) => {
      await page.goto(`${base}/account`);
      await page.getByRole('button', { name: 'Erase everything about me' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('carol@partner.example');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'You are erased' }).waitFor();
      await page.goto(base);
      await page.getByRole('link', { name: 'Sign in with Google' }).waitFor();
    },
  ],
];

/** @param {Context} context @param {typeof ALICE} steps @param {string} name */
async function walk(context, steps, name) {
  context.setDefaultTimeout(PATIENCE_MS);
  await context.tracing.start({ screenshots: true, snapshots: true });
  const page = await context.newPage();
  let failed = false;
  for (const [step, run] of steps) {
    const begun = Date.now();
    let error = '';
    try {
      await run(page);
    } catch (reason) {
      failed = true;
      error = String(reason);
      await page.screenshot({ path: join(folder, `${step.replaceAll(/\W+/g, '-')}.png`) });
    }
    console.log(JSON.stringify({ step, ok: error === '', seconds: (Date.now() - begun) / 1000, error }));
    if (failed) break;
  }
  await context.tracing.stop(failed ? { path: join(folder, `trace-${name}.zip`) } : {});
  await context.close();
}

const browser = await launch();
const viewport = { width: 1440, height: 900 };
await walk(await browser.newContext({ viewport, locale: 'en-GB' }), ALICE, 'alice');
await walk(await browser.newContext({ viewport, locale: 'en-GB' }), CAROL, 'carol');
await browser.close();
