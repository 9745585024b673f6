/**
 * What becomes of documents that attack the page, on a running Docent: `node e2e/hostile.js ADDRESS QUESTION FILE FOLDER`.
 * Signs in, looks at the suggestions, asks, opens the source, and finds the files in the tree. Prints one line of JSON: what was to be
 * read in each place, and whatever the page did that it never may.
 */
import { launch } from './browser.js';

const [base = '', question = '', file = '', folder = ''] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
page.setDefaultTimeout(90_000);

/** @type {string[]} requests that leave the origin, dialogs, scripts that ran */
const deeds = [];
page.on('dialog', (dialog) => {
  deeds.push(`dialog ${dialog.message()}`);
  void dialog.dismiss();
});

/** What markup of a document's would have become in this place. */
async function intruders() {
  deeds.push(
    ...(await page.evaluate(() => {
      const found = [
        ...document.querySelectorAll(
          'main img, main iframe, main script, main object, aside img, aside iframe, aside script',
        ),
      ].map(({ outerHTML }) => outerHTML);
      const links = [...document.querySelectorAll('a[href]')]
        .map((link) => link.getAttribute('href') ?? '')
        .filter((href) => /evil|^\s*(?:javascript|data):/i.test(href));
      const ran = 'pwned' in globalThis ? ['a script of the document ran'] : [];
      return [...found, ...links, ...ran];
    })),
  );
}

/** In the page: notes how long the newest answer is, whenever something changes. */
function watchAnswer() {
  /** @type {number[]} */
  const lengths = [];
  Object.assign(globalThis, { lengths });
  new MutationObserver(() => {
    const text = [...document.querySelectorAll('.answer')].at(-1)?.textContent ?? '';
    if (text.length !== lengths.at(-1)) lengths.push(text.length);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** In the page: what watchAnswer noted. */
const seenLengths = () => /** @type {{ lengths: number[] }} */ (/** @type {unknown} */ (globalThis)).lengths;

await page.goto(base);
await page.getByRole('link', { name: 'Sign in with Google' }).click();
await page.getByRole('button', { name: 'Alice' }).click();
const box = page.getByRole('textbox', { name: 'Your question' });
await box.waitFor();
// From here on the page has no reason to speak to anybody else.
page.on('request', (request) => {
  if (new URL(request.url()).origin !== new URL(base).origin) deeds.push(`asked ${request.url()}`);
});
const suggestions = page.getByRole('region', { name: 'For example' }).getByRole('button');
await suggestions.first().waitFor();
const suggested = await suggestions.allInnerTexts();
await intruders();

await page.evaluate(watchAnswer);
await box.fill(question);
await page.keyboard.press('Enter');
const turn = page.getByRole('article', { name: question });
await turn.locator('[aria-live][aria-busy=false]').waitFor();
const lengths = await page.evaluate(seenLengths);
const answer = await turn.locator('.answer').innerText();
const cited = await turn.locator('.answer .citation').allInnerTexts();
const sources = await turn.locator('footer li').count();
await intruders();

await turn.locator('.answer .citation').first().hover();
await page.locator('.popup mark').waitFor();
await intruders();
await turn.locator('.answer .citation').first().click();
const pane = page.getByRole('complementary').filter({ has: page.locator('[data-scroller]') });
await pane.locator('[aria-current=true]').first().waitFor();
const passage = await pane.innerText();
await intruders();

// One folder, and not what lies outside of it.
await page.getByRole('link', { name: 'New question' }).click();
await page.getByRole('button', { name: /Documents to ask/ }).click();
await page.getByRole('dialog').getByRole('searchbox').fill(folder);
await page.getByRole('button', { name: `Ask only “${folder}”` }).click();
await box.fill(question);
await page.keyboard.press('Enter');
const narrow = page.getByRole('article', { name: question });
await narrow.getByText(`Asked only: ${folder}`).waitFor();
await narrow.locator('[aria-live][aria-busy=false]').waitFor();
const inFolder = await narrow.locator('footer li').allInnerTexts();
await intruders();

await page.goto(`${base}/drive`);
await page.getByRole('searchbox', { name: /by name/ }).fill(file);
await page.locator('main').getByText(file).nth(1).waitFor();
const names = await page.locator('main').innerText();
await intruders();
// What an image or a script would fetch has been asked for by now.
await page.waitForLoadState('networkidle');
await browser.close();

console.log(JSON.stringify({ suggested, lengths, answer, cited, sources, passage, inFolder, names, deeds }));
