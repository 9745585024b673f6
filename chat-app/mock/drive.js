/** The Drive tree. */
import { json, problem } from './respond.js';
import { DOCUMENTS } from './documents.js';

/** @param {string} id @param {string} name */
const folder = (id, name) => ({ kind: 'folder', id, name });

/** @param {string} id @param {string} [state] @param {string} [reason] */
function file(id, state = 'indexed', reason = '') {
  const document = DOCUMENTS.find(({ file_id }) => file_id === id);
  return {
    kind: 'file',
    id,
    name: document?.file ?? 'Scan of the lease.pdf',
    mime_type: 'application/pdf',
    modified: '2026-10-02T09:00:00Z',
    link: document?.link ?? 'https://drive.google.com/file/d/file-scan/view',
    state,
    reason,
  };
}

/** @type {Record<string, ReturnType<typeof folder> | undefined>} */
const FOLDERS = {
  people: folder('people', 'People and travel'),
  operations: folder('operations', 'Operations'),
  old: folder('old', 'Archive 2019'),
};

/** @type {Record<string, object[]>} */
const INSIDE = {
  people: [FOLDERS['old'] ?? {}, file('file-travel'), file('file-hands')],
  operations: [
    file('file-runbook'),
    file('file-prices'),
    file('file-scan', 'skipped', 'The file is encrypted with a password.'),
  ],
  old: [],
};

/** @param {string} id */
const pageOf = (id) => ({ folder: FOLDERS[id] ?? null, items: INSIDE[id] ?? [], next_cursor: null });

/** @type {Record<string, import('./api.js').Handler>} */
export const driveRoutes = {
  'GET /collections': (api) => json({ collections: api.collections, next_cursor: null }),
  'GET /folders': (_api, { query }) => {
    const id = query.get('folder_id');
    if (id !== null && FOLDERS[id] === undefined)
      return problem(404, 'No such folder', 'There is no such folder, or Drive does not show it to you.');
    if (id !== null) return json(pageOf(id));
    return json({
      folder: null,
      items: [FOLDERS['operations'], FOLDERS['people'], file('file-case')],
      next_cursor: null,
    });
  },
  'GET /folders/search': (_api, { query }) => {
    const words = (query.get('q') ?? '').toLowerCase();
    const all = [...Object.values(FOLDERS), ...DOCUMENTS.map(({ file_id }) => file(file_id))];
    const items = all.filter((item) =>
      item?.name
        .toLowerCase()
        .split(/\W+/)
        .some((word) => word.startsWith(words)),
    );
    return json({ folder: null, items, next_cursor: null });
  },
  'POST /folders/batch': (_api, { body }) => {
    const { folders } = /** @type {{ folders: string[] }} */ (body);
    return json({ folders: folders.filter((id) => FOLDERS[id] !== undefined).map(pageOf) });
  },
};
