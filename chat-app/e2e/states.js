/** What the page can look like. */
import { ADMIN_STATES } from './admin-states.js';

/**
 * @typedef {import('playwright-core').Page} Page
 * @typedef {{ name: string, signedIn?: boolean, path?: string, ready?: string, eachWidth?: boolean, run?: (page: Page) => Promise<unknown>,
 *   mock?: ConstructorParameters<typeof import('../mock/api.js').MockApi>[0] }} State
 */

/** @param {Page} page */
async function menu(page) {
  const button = page.getByRole('button', { name: 'Open the menu' });
  if (await button.isVisible()) await button.click();
}

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

/** Every state of the page, and how a person gets there. @type {State[]} */
export const STATES = [
  { name: 'signed-out', signedIn: false },
  { name: 'empty' },
  { name: 'not-found', path: '/nowhere' },
  { name: 'account', path: '/account', ready: 'Safari on iPhone' },
  { name: 'grant-dead', path: '/account', mock: { driveGrant: 'dead' }, ready: 'Safari on iPhone' },
  {
    name: 'erase',
    path: '/account',
    run: async (page) => {
      await page.getByRole('button', { name: 'Erase everything about me' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('alice@example.com');
    },
  },
  {
    name: 'receipt',
    path: '/account',
    run: async (page) => {
      await page.getByRole('button', { name: 'Erase everything about me' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('alice@example.com');
      await page.keyboard.press('Enter');
      await page.getByText('You are erased').waitFor();
    },
  },
  {
    name: 'drive',
    path: '/drive',
    run: async (page) => {
      await page.getByRole('button', { name: 'Operations', exact: true }).click();
      await page.getByText('encrypted').waitFor();
    },
  },
  {
    name: 'drive-search',
    path: '/drive',
    run: async (page) => {
      await page.getByRole('searchbox', { name: /by name/ }).fill('trav');
      await page.getByText('Travel and Expenses Policy v4.pdf').waitFor();
    },
  },
  { name: 'conversation', path: '/c/conversation-old-0', mock: { conversations: 5 }, ready: 'Not shown' },
  {
    name: 'shared',
    path: '/shared/share-conversation-old-0',
    mock: { conversations: 1, shared: true },
    ready: 'Shared by a colleague',
  },
  { name: 'conversation-gone', path: '/c/gone', ready: 'not here' },
  {
    name: 'conversations',
    eachWidth: true,
    mock: { conversations: 40 },
    run: async (page) => {
      await menu(page);
      await page.getByText('Who decides on the new warehouse').first().waitFor();
    },
  },
  {
    name: 'conversation-menu',
    eachWidth: true,
    mock: { conversations: 5 },
    run: async (page) => {
      await menu(page);
      await page
        .getByRole('button', { name: /^Options of/ })
        .nth(1)
        .click();
      await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    },
  },
  {
    name: 'share',
    eachWidth: true,
    mock: { conversations: 5 },
    run: async (page) => {
      await menu(page);
      await page
        .getByRole('button', { name: /^Options of/ })
        .nth(1)
        .click();
      await page.getByRole('menuitem', { name: 'Share' }).click();
      await page.getByRole('button', { name: 'Share', exact: true }).click();
      await page.getByRole('textbox', { name: /Address/ }).waitFor();
    },
  },
  {
    name: 'delete',
    eachWidth: true,
    mock: { conversations: 5 },
    run: async (page) => {
      await menu(page);
      await page
        .getByRole('button', { name: /^Options of/ })
        .nth(1)
        .click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByText('cannot be taken back').waitFor();
    },
  },
  {
    name: 'scope',
    eachWidth: true,
    run: async (page) => {
      await page.getByRole('button', { name: /Documents to ask/ }).click();
      await page.getByRole('button', { name: 'Operations', exact: true }).click();
      await page.getByText('encrypted').waitFor();
    },
  },
  {
    name: 'scope-chosen',
    run: async (page) => {
      await page.getByRole('button', { name: /Documents to ask/ }).click();
      await page.getByRole('button', { name: 'Ask only “Operations”' }).click();
      await ask('What may a hotel in Lisbon cost per night today?')(page);
    },
  },
  {
    name: 'feedback',
    run: async (page) => {
      await ask('What may a hotel in Lisbon cost per night today?')(page);
      await page.getByRole('button', { name: 'Bad answer' }).click();
      await page.getByText('What was wrong?').waitFor();
    },
  },
  {
    name: 'offline',
    run: async (page) => {
      await page.context().setOffline(true);
      await page.getByText('You are offline').waitFor();
    },
  },
  {
    name: 'offline-asked',
    run: async (page) => {
      await page.context().setOffline(true);
      await page.getByText('You are offline').waitFor();
      const box = page.getByRole('textbox', { name: 'Your question' });
      await box.fill('What may a hotel in Lisbon cost?');
      await page.keyboard.press('Enter');
      await page.getByText('Docent cannot be reached').waitFor();
      if ((await box.inputValue()) === '') throw new Error('the question is lost');
    },
  },
  { name: 'unsupported', run: ask('unsupported: what may a hotel cost?') },
  { name: 'disagree', run: ask('disagree: what may a hotel cost?') },
  { name: 'computed', run: ask('How many kettles are there?') },
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
    eachWidth: true,
    run: async (page) => {
      await ask('What may a hotel in Lisbon cost per night today?')(page);
      await page.locator('.answer .citation').first().focus();
      await page.locator('.popup mark').waitFor();
    },
  },
  { name: 'source', eachWidth: true, run: open('What may a hotel in Lisbon cost per night today?') },
  {
    name: 'source-table',
    eachWidth: true,
    run: open('What is the list price of the Tarn Gooseneck kettle?'),
  },
  { name: 'source-slide', eachWidth: true, run: open('When is the party?') },
  { name: 'source-gone', eachWidth: true, run: open('A source that is gone') },
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
    name: 'account-menu',
    eachWidth: true,
    run: async (page) => {
      await menu(page);
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    },
  },
  ...ADMIN_STATES,
];
