/** Accessibility, as axe judges it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What of axe's rules can come out differently in another theme. */
const COLOUR = ['color-contrast', 'link-in-text-block'];

/**
 * What axe has against a page. The debugger runs it, which no page policy stops.
 * @param {import('playwright-core').Page} page
 * @param {{ onlyColour: boolean }} options
 * @returns {Promise<string[]>}
 */
export async function axeViolations(page, { onlyColour }) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(
    async (rules) => {
      const { axe } = /** @type {{ axe: import('axe-core') }} */ (/** @type {unknown} */ (globalThis));
      const { violations } = await axe.run(document, {
        resultTypes: ['violations'],
        ...(rules && { runOnly: { type: 'rule', values: rules } }),
      });
      return violations.map(
        ({ id, nodes }) => `axe ${id}: ${nodes.map(({ html }) => html.slice(0, 140)).join(' || ')}`,
      );
    },
    onlyColour ? COLOUR : undefined,
  );
}
