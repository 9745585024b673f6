/** By how much things move on a page without anybody having done anything: the sum of its layout shifts. */

/** @typedef {{ shift: { sum: number } }} Watched */

/** To be run in the page before anything else. */
export function watchShifts() {
  const shift = { sum: 0 };
  Object.assign(globalThis, { shift });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput } = /** @type {{ value: number, hadRecentInput: boolean }} */ (
        /** @type {unknown} */ (entry)
      );
      if (!hadRecentInput) shift.sum += value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** @param {import('playwright-core').Page} page */
export const shiftOf = (page) =>
  page.evaluate(() => /** @type {Watched} */ (/** @type {unknown} */ (globalThis)).shift.sum);
