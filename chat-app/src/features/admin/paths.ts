/** Addresses of the administrators' pages, within theirs, and of the routes they ask. */

const id = encodeURIComponent;
const among = (pairs: Record<string, string | number | null>) => {
  const given = Object.entries(pairs).filter(([, value]) => value !== null && value !== '');
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
};

/** How many rows a page of a long list has. */
const ROWS = 50;

export const adminPages = {
  collections: '/',
  add: '/add',
  runs: '/runs',
  files: '/files',
  costs: '/costs',
  limits: '/limits',
  people: '/people',
  questions: '/questions',
  audit: '/audit',
  doctor: '/doctor',
  access: '/access',
  runsOf: (collection: string) => `/runs${among({ collection })}`,
  filesOf: (collection: string, state = '') => `/files${among({ collection, state })}`,
  accessTo: (fileId: string) => `/access${among({ file: fileId })}`,
  auditOf: (person: string) => `/audit${among({ person })}`,
} as const;

export const adminPaths = {
  status: '/ingest/status',
  sync: '/ingest/sync',
  estimate: '/ingest/estimate',
  folders: (folderId: string, cursor: string | null) =>
    `/ingest/folders${among({ folder_id: folderId, cursor })}`,
  collection: (collectionId: string) => `/collections/${id(collectionId)}`,
  runs: (collection: string) => `/ingest/runs${among({ collection, limit: ROWS })}`,
  cancel: (runId: string) => `/ingest/runs/${id(runId)}/cancel`,
  files: (collection: string, state: string, cursor: string | null) =>
    `/ingest/files${among({ collection, state, cursor, limit: ROWS })}`,
  reindex: (fileId: string) => `/ingest/files/${id(fileId)}/reindex`,
  costs: '/cost/summary',
  limits: '/stats/limits',
  cache: '/cache/status',
  cacheClear: '/cache/clear',
  cachePreload: '/cache/preload',
  users: (cursor: string | null) => `/auth/users${among({ cursor, limit: ROWS })}`,
  user: (subject: string) => `/auth/users/${id(subject)}`,
  userSessions: (subject: string) => `/auth/users/${id(subject)}/sessions`,
  spending: (cursor: string | null) => `/stats/people${among({ cursor, limit: ROWS })}`,
  personLimits: (subject: string) => `/stats/people/${id(subject)}`,
  questions: (kind: string, days: number, cursor: string | null) =>
    `/stats/questions${among({ kind, days, cursor, limit: ROWS })}`,
  feedback: (cursor: string | null) => `/stats/feedback${among({ rating: 'down', cursor, limit: ROWS })}`,
  cases: '/stats/feedback/cases',
  request: (requestId: string) => `/stats/requests/${id(requestId)}`,
  audit: (event: string, person: string, cursor: string | null) =>
    `/audit${among({ event, person, cursor, limit: ROWS })}`,
  auditVerify: '/audit?verify=true&limit=1',
  doctor: '/auth/doctor',
  access: (fileId: string, person: string) => `/files/${id(fileId)}/access${among({ person })}`,
  fileSearch: (words: string) => `/folders/search${among({ q: words })}`,
} as const;
