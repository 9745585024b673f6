/** What it costs, what may be asked, and what the caches hold. */
import { json } from '../respond.js';

/** @param {number} cost @param {number} questions */
const span = (cost, questions) => ({ cost, saved_by_caches: cost / 4, questions });

/** The last 30 days; the more of the week, the more was asked. */
const DAYS = Array.from({ length: 30 }, (_, at) => {
  const day = new Date(Date.UTC(2026, 10, 1 + at)).toISOString().slice(0, 10);
  const cost = at === 29 ? 0.42 : Math.round((0.2 + ((at * 7) % 5) / 16) * 100) / 100;
  return { day, ...span(cost, Math.round(cost * 120)) };
});

/** @param {number} hits @param {number | null} entries */
const layer = (hits, entries) => ({
  memory_hits: hits,
  store_hits: hits / 2,
  misses: hits / 3,
  stale: 1,
  stored_entries: entries,
  stored_bytes: entries === null ? null : entries * 5120,
  oldest_seconds: entries === null ? null : 259_200,
});

/** @param {[string, number][]} windows */
const windows = (...windows) => windows.map(([window, most]) => ({ window, most }));

/** @type {Record<string, import('../api.js').Handler>} */
export const moneyRoutes = {
  'GET /cost/summary': (api) =>
    json({
      currency: 'USD',
      prices_dated: '2026-11-21',
      today: span(0.42, 51),
      month: span(9.6, 1210),
      forecast: 78.2,
      per_1000_questions: 7.93,
      fixed_per_month: { 'vector-search-node': 68.6 },
      by_model: { 'gemini-3.5-flash-lite': 8.1, 'gemini-embedding-001': 0.9 },
      by_collection: { handbook: 1.2 },
      items: { 'firestore:read': 88_410, 'gemini-3.5-flash-lite:prompt': 20_400_000 },
      unpriced: [],
      budget: api.spent ? { state: 'spent', share: 1.02 } : { state: 'warned', share: 0.84 },
      days: DAYS,
    }),
  'GET /stats/limits': () =>
    json({
      enabled: true,
      tiers: {
        standard: windows(['minute', 10], ['hour', 50], ['day', 200]),
        premium: windows(['minute', 20], ['hour', 100], ['day', 500]),
      },
      organisation: [
        { window: 'minute', most: 600, left: 588 },
        { window: 'day', most: 50_000, left: 31_000 },
      ],
      address: windows(['minute', 120], ['hour', 2000]),
      budgets: { organisation: 25, person: 2, spent: 9.6 },
    }),
  'GET /cache/status': () =>
    json({
      layers: { answers: layer(120, 310), embeddings: layer(240, 900), access: layer(1800, null) },
      saved: 0.61,
      shared_answers: 4,
      not_modified: 31,
    }),
  'POST /cache/clear': () => json({ cleared: 1210 }),
  'POST /cache/preload': () => json({ questions: 100 }),
};
