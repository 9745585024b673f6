/** What administrators see. */
import { json } from './respond.js';

const span = (/** @type {number} */ cost, /** @type {number} */ questions) => ({
  cost,
  saved_by_caches: cost / 4,
  questions,
});

const RUN = {
  id: 'run-1',
  collection: 'handbook',
  kind: 'changes',
  state: 'done',
  started_at: '2026-11-30T08:00:00Z',
  ended_at: /** @type {string | null} */ ('2026-11-30T08:01:00Z'),
  listed: 20,
  queued: 2,
  removed: 0,
  drift: 0,
  dry_run: false,
  error: '',
  done: 2,
};

/** A collection that has been read. */
export const progressOf = () => ({
  id: 'handbook',
  name: 'Handbook',
  state: 'idle',
  counts: { indexed: 17, partial: 1, skipped: 2, failed: 0, pending: 0 },
  total: 20,
  files_per_second: 0,
  seconds_left: /** @type {number | null} */ (null),
  run: RUN,
});

/** @type {Record<string, import('./api.js').Handler>} */
export const adminRoutes = {
  'GET /ingest/status': (api) => json({ collections: [api.progress] }),
  'POST /ingest/sync': (api) => {
    api.progress.state = 'syncing';
    api.progress.seconds_left = 40;
    return json({ run: RUN });
  },
  'GET /cost/summary': () =>
    json({
      currency: 'USD',
      prices_dated: '2026-11-21',
      today: span(0.42, 51),
      month: span(9.6, 1210),
      forecast: 11.3,
      per_1000_questions: 7.93,
      fixed_per_month: {},
      by_model: { 'gemini-3-flash': 8.1 },
      by_collection: {},
      items: {},
      unpriced: [],
      budget: { state: 'within', share: 0.2 },
    }),
};
