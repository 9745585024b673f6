/** Collections, what is in them, and how they are read. */
import { json, problem } from '../respond.js';

const run = (/** @type {Partial<ReturnType<typeof runOf>>} */ changes) => ({ ...runOf(), ...changes });

function runOf() {
  return {
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
  };
}

const RUNS = [
  runOf(),
  run({ id: 'run-2', kind: 'reconcile', listed: 214, drift: 3, started_at: '2026-11-30T02:00:00Z' }),
  run({
    id: 'run-3',
    state: 'failed',
    error: 'Google Drive did not answer in time.',
    started_at: '2026-11-29T08:00:00Z',
    ended_at: '2026-11-29T08:20:00Z',
  }),
  run({ id: 'run-4', kind: 'listing', queued: 20, started_at: '2026-11-28T08:00:00Z', ended_at: null }),
];

/** A collection that has been read. */
export const progressOf = () => ({
  id: 'handbook',
  name: 'Handbook',
  folder_id: '1-uGqJAzPO-kK-YbxlFz1X4MSfKLC64s3',
  state: 'idle',
  counts: { indexed: 17, partial: 1, skipped: 1, failed: 1, pending: 0 },
  total: 20,
  files_per_second: 0,
  seconds_left: /** @type {number | null} */ (null),
  run: /** @type {(ReturnType<typeof runOf> & { done: number }) | null} */ ({ ...runOf(), done: 20 }),
});

/** @param {string} id @param {string} name @param {string} state @param {object} [more] */
const file = (id, name, state, more = {}) => ({
  file_id: id,
  file: name,
  link: `https://drive.google.com/file/d/${id}/view`,
  mime_type: 'application/pdf',
  modified: '2026-10-02T09:00:00Z',
  state,
  reason: '',
  next_try: null,
  attempts: 1,
  chunks: 0,
  pages: 0,
  confidence: {},
  characters: 0,
  cost_usd: 0,
  principals: ['domain:example.com'],
  collections: ['handbook'],
  folders: [],
  warnings: [],
  ...more,
});

const READ = { chunks: 12, pages: 8, characters: 18_240, cost_usd: 0.00068 };
export const FILES = [
  file('file-scan-of-the-lease', 'Scan of the lease.pdf', 'skipped', {
    reason: 'The file is encrypted with a password.',
  }),
  file(
    'file-delivery-notes',
    'Delivery notes 2024 of all plants and of the warehouse in Leeds.pdf',
    'failed',
    {
      reason: 'Document AI did not answer in time.',
      attempts: 8,
      next_try: '2026-12-01T02:00:00Z',
    },
  ),
  file('file-price-list', 'Price List 2025.xlsx', 'partial', {
    ...READ,
    mime_type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    warnings: ['The sheet “Archive” is longer than 100,000 rows; the rest was left out.'],
  }),
  ...Array.from({ length: 17 }, (_, at) =>
    file(`file-indexed-${at}`, `Travel and Expenses Policy v${at + 1}.pdf`, 'indexed', READ),
  ),
];

/** @param {string} kind @param {string} id @param {string} name */
const place = (kind, id, name) => ({ kind, id, name });

/** @type {Record<string, ReturnType<typeof place>[]>} */
const PLACES = {
  '': [
    place('my-drive', 'root-of-docent', 'My Drive'),
    place('drive', 'drive-engineering', 'Engineering'),
    place('shared', 'folder-people', 'People and travel'),
    place('shared', 'folder-board', 'Board'),
  ],
  'drive-engineering': [place('folder', 'folder-runbooks', 'Runbooks')],
};

const ESTIMATE = {
  files: 214,
  up_to_date: 20,
  complete: true,
  bytes: 412_000_000,
  pages: 3120,
  ocr_pages: 140,
  characters: 7_400_000,
  chunks: 5210,
  kinds: [
    {
      mime_type: 'application/pdf',
      files: 160,
      bytes: 400_000_000,
      read: 12,
      unreadable: 1,
      characters: 6_000_000,
      ocr_pages: 140,
    },
    {
      mime_type: 'text/csv',
      files: 54,
      bytes: 12_000_000,
      read: 8,
      unreadable: 0,
      characters: 1_400_000,
      ocr_pages: 0,
    },
  ],
  items: [
    { item: 'gemini-embedding-001:token', quantity: 1_850_000, usd: 0.2775 },
    { item: 'document-ai:page', quantity: 140, usd: 0.21 },
    { item: 'firestore:write', quantity: 6922, usd: 0.0125 },
  ],
  usd: 0.5,
  unpriced: [],
  fixed_per_month_usd: 68.6,
  prices_dated: '2026-11-21',
};

/** @type {Record<string, import('../api.js').Handler>} */
export const ingestRoutes = {
  'GET /ingest/status': (api) => json({ collections: api.progress }),
  'GET /ingest/runs': () => json({ runs: RUNS, next_cursor: null }),
  'GET /ingest/files': (api, { query }) => {
    const state = query.get('state') ?? '';
    const found = api.files.filter((one) => state === '' || one.state === state);
    const start = Number(query.get('cursor') ?? 0);
    const limit = Math.min(8, Number(query.get('limit')));
    const { counts = {}, total = 0 } = api.progress[0] ?? {};
    return json({
      files: found.slice(start, start + limit),
      next_cursor: start + limit < found.length ? String(start + limit) : null,
      counts,
      total,
    });
  },
  'POST /ingest/files/{file_id}/reindex': (api, { params }) => {
    const wanted = api.files.find(({ file_id }) => file_id === params['file_id']);
    if (wanted === undefined) return problem(404, 'Not found', 'There is no such file in the ledger.');
    Object.assign(wanted, { state: 'pending', reason: '', next_try: null });
    return { ...json({ file: wanted }), status: 202 };
  },
  'POST /ingest/sync': (api, { body }) => {
    const { collection } = /** @type {{ collection: string }} */ (body);
    const one = api.progress.find(({ id }) => id === collection);
    if (one === undefined) return problem(404, 'Not found', 'There is no such collection.');
    Object.assign(one, { state: 'syncing', seconds_left: 40, files_per_second: 3.2, total: 148 });
    one.counts.pending = 128;
    one.run = { ...runOf(), id: 'run-now', state: 'listing', ended_at: null, done: 20 };
    return { ...json({ run: run({ id: 'run-now', state: 'listing', ended_at: null }) }), status: 202 };
  },
  'POST /ingest/runs/{run_id}/cancel': (api) => {
    for (const one of api.progress) {
      Object.assign(one, { state: 'idle', seconds_left: null, total: 20 });
      one.counts.pending = 0;
      if (one.run) one.run.state = 'cancelled';
    }
    return json({ run: run({ id: 'run-now', state: 'cancelled' }) });
  },
  'GET /ingest/folders': (_api, { query }) =>
    json({ folders: PLACES[query.get('folder_id') ?? ''] ?? [], next_cursor: null }),
  'POST /ingest/estimate': (_api, { body }) => {
    const { folder_id: id } = /** @type {{ folder_id: string }} */ (body);
    if (id === 'folder-board')
      return problem(
        404,
        'No such folder',
        'There is no such folder, or it is not shared with Docent’s account.',
      );
    return json({ estimate: ESTIMATE });
  },
  'DELETE /collections/{collection_id}': (api, { params }) => {
    const one = api.progress.find(({ id }) => id === params['collection_id']);
    if (one === undefined) return problem(404, 'Not found', 'There is no such collection.');
    Object.assign(one, { state: 'removing', total: 12 });
    return {
      ...json({ run: run({ id: 'run-removal', kind: 'removal', state: 'queued', ended_at: null }) }),
      status: 202,
    };
  },
  'PUT /collections/{collection_id}': (api, { params, body }) => {
    const put = {
      id: params['collection_id'] ?? '',
      .../** @type {{ name: string, folder_id: string }} */ (body),
    };
    api.progress = [
      ...api.progress.filter(({ id }) => id !== put.id),
      {
        ...progressOf(),
        ...put,
        counts: { indexed: 0, partial: 0, skipped: 0, failed: 0, pending: 0 },
        total: 0,
        run: null,
      },
    ];
    return json(put);
  },
};
