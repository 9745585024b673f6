/** What pages' main threads do, in time of the processor: a machine that is busy with other things does not count. */

/**
 * @typedef {{ name: string, ph: string, pid: number, tid: number, tdur?: number }} TraceEvent
 * @typedef {{ longestTaskMs: number, totalMs: number, tasks: number }} Work
 */

/**
 * The work of each page's main thread while something runs. Each page has a context, and so a process, of its own.
 * Throws when the browser tells no processor time.
 * @param {import('playwright-core').Browser} browser
 * @param {Map<string, import('playwright-core').Page>} pages
 * @param {() => Promise<unknown>} run
 * @returns {Promise<Record<string, Work>>}
 */
export async function mainThreadWork(browser, pages, run) {
  await browser.startTracing(undefined, {
    categories: ['disabled-by-default-devtools.timeline', 'blink.user_timing'],
  });
  /** @type {Buffer} */
  let trace;
  try {
    // The mark tells which thread of which process draws the page.
    for (const [name, page] of pages)
      await page.evaluate((mark) => {
        performance.mark(mark);
      }, `page ${name}`);
    await run();
  } finally {
    trace = await browser.stopTracing();
  }
  /** @type {(text: string) => unknown} */
  const parse = JSON.parse;
  const { traceEvents } = /** @type {{ traceEvents: TraceEvent[] }} */ (parse(trace.toString()));
  return Object.fromEntries([...pages.keys()].map((name) => [name, workOf(name, traceEvents)]));
}

/** @param {string} name @param {TraceEvent[]} events @returns {Work} */
function workOf(name, events) {
  const mark = events.find((event) => event.name === `page ${name}`);
  const durations = events
    .filter(
      ({ name: what, ph, pid, tid, tdur }) =>
        what === 'RunTask' && ph === 'X' && tdur !== undefined && pid === mark?.pid && tid === mark.tid,
    )
    .map(({ tdur }) => (tdur ?? 0) / 1000);
  if (durations.length === 0) throw new Error(`the browser told no processor time of ${name}`);
  return {
    longestTaskMs: Math.round(Math.max(...durations)),
    totalMs: Math.round(durations.reduce((sum, one) => sum + one, 0)),
    tasks: durations.length,
  };
}
