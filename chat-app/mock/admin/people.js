/** People, what they asked, and the trail of what was done. */
import { json, nothing, problem } from '../respond.js';

/** @param {string} subject @param {string} name @param {string} role */
const person = (subject, name, role) => ({
  subject,
  email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
  name,
  domain: 'example.com',
  role,
  tier: 'standard',
  created_at: '2026-08-02T09:00:00Z',
  signed_in_at: '2026-11-30T07:45:00Z',
  erasing: false,
  limits: /** @type {Record<string, number | null>} */ ({
    minute: null,
    hour: null,
    day: null,
    budget_dollars: null,
  }),
});

export const peopleOf = () => [
  person('1', 'Alice Moreira', 'admin'),
  {
    ...person('2', 'Bob Thornton', 'user'),
    limits: { minute: 3, hour: null, day: null, budget_dollars: 1.5 },
  },
  { ...person('3', 'Carla Reis', 'user'), erasing: true },
];

/** Who somebody is, without what only their spending tells. @param {ReturnType<typeof person>} someone */
const knownOf = (someone) =>
  Object.fromEntries(Object.entries(someone).filter(([name]) => name !== 'limits'));

/** @param {string} id @param {string} question @param {object} [more] */
const asked = (id, question, more = {}) => ({
  id,
  asked_at: '2026-11-30T09:12:00Z',
  question,
  declined: true,
  degraded: false,
  unsupported: 0,
  seconds: 2.4,
  first_token_seconds: 0.9,
  tokens: { prompt: 3100, output: 80 },
  model: 'gemini-3.5-flash-lite',
  cost_dollars: 0.0011,
  request_id: '4bb38986a5ef1391547453ddc825f11c',
  sources: [],
  ...more,
});

const QUESTIONS = [
  asked('m1', 'What does the Zanzibar contract say of salaries?'),
  asked('m2', 'Wie lange ist die Kündigungsfrist in Leeds?', { seconds: 8.25, unsupported: 2 }),
  asked('m3', 'Who signs purchase orders above 10,000 EUR?', { declined: false, degraded: true }),
];

/** @param {number} seq @param {string} event @param {object} [details] */
const entry = (seq, event, details = {}) => ({
  seq,
  at: '2026-11-30T09:12:00Z',
  event,
  actor: '04ec393212ca1eb72667',
  subject: seq % 2 === 0 ? '9d1fb2c0a7e35c41aa02' : '04ec393212ca1eb72667',
  request_id: '4bb38986a5ef1391547453ddc825f11c',
  details,
  hash: '58cad4da5bb28664b9c7ccadfeb0fd66981844b6fc9e178b85c50c7532914a9f',
});

const TRAIL = [
  entry(7, 'spending.read'),
  entry(6, 'limits.changed', { minute: 3, budget: 1_500_000 }),
  entry(5, 'signin.succeeded', { role: 'admin', method: 'google' }),
  entry(4, 'signin.refused', { why: 'domain' }),
  entry(3, 'role.changed', { role: 'admin' }),
];

/** @param {string[]} names @param {boolean} ill */
const diagnosis = (names, ill) => ({
  ok: !ill,
  findings: names.map((name, at) => ({
    name,
    ok: !ill || at !== 0,
    says:
      at === 0 && ill
        ? 'Google is told to come back to http://docent.example.com/auth/callback.'
        : 'As it should be: https://docent.example.com/auth/callback.',
    fix:
      at === 0 && ill
        ? 'Set OAUTH_REDIRECT_URI to https://docent.example.com/auth/callback, and register exactly that with the OAuth client.'
        : '',
  })),
  forwarded: ['203.0.113.7'],
  address: '203.0.113.7',
});

/** @type {Record<string, import('../api.js').Handler>} */
export const peopleRoutes = {
  'GET /auth/users': (api) => json({ users: api.people.map(knownOf), next_cursor: null }),
  'PATCH /auth/users/{id}': (api, { params, body }) => {
    const one = api.people.find(({ subject }) => subject === params['id']);
    if (one === undefined) return problem(404, 'Not found', 'There is no such person.');
    if (one.subject === '1') return problem(409, 'Conflict', 'Nobody changes their own role.');
    Object.assign(one, body);
    return json(knownOf(one));
  },
  'GET /auth/users/{id}/sessions': (api) => json({ sessions: api.sessions }),
  'DELETE /auth/users/{id}/sessions': (api) => {
    const ended = api.sessions.length;
    api.sessions = [];
    return json({ ended });
  },
  'GET /stats/people': (api) =>
    json({
      people: api.people.map(({ subject, email, role, tier, limits }, at) => ({
        subject,
        email,
        role,
        tier,
        questions: 120 - at * 50,
        today_dollars: 0.02 * at,
        month_dollars: 0.96 / (at + 1),
        items: {},
        limits,
      })),
      next_cursor: null,
    }),
  'PATCH /stats/people/{id}': (api, { params, body }) => {
    const one = api.people.find(({ subject }) => subject === params['id']);
    for (const [name, value] of Object.entries(/** @type {Record<string, number>} */ (body)))
      if (one) one.limits[name] = value === 0 ? null : value;
    return nothing;
  },
  'GET /stats/questions': (_api, { query }) =>
    json({ questions: query.get('kind') === 'degraded' ? [] : QUESTIONS, next_cursor: null }),
  'GET /stats/feedback': () =>
    json({
      feedback: [
        {
          rating: 'down',
          comment: 'wrong: It is in the contract.',
          at: '2026-11-30T10:00:00Z',
          question: QUESTIONS[0],
        },
        { rating: 'down', comment: '', at: '2026-11-29T10:00:00Z', question: null },
      ],
      next_cursor: null,
    }),
  'GET /stats/requests/{id}': (_api, { params }) =>
    json({
      request_id: params['id'],
      logs: 'https://console.cloud.google.com/logs/query',
      trace: 'https://console.cloud.google.com/traces/list',
      audit: [entry(7, 'question.refused')],
      questions: [],
    }),
  'GET /audit': (api, { query }) => {
    const event = query.get('event') ?? '';
    const person = query.get('person') ?? '';
    const fits = TRAIL.filter(
      (one) =>
        (event === '' || one.event === event) && (person === '' || [one.actor, one.subject].includes(person)),
    );
    return json({
      entries: query.get('cursor') === null ? fits : [entry(2, 'key.rotated')],
      next_cursor: query.get('cursor') === null && event === '' && person === '' ? '3' : null,
      verified:
        query.get('verify') === 'true'
          ? {
              ok: !api.broken,
              entries: 4211,
              waiting: 0,
              head: TRAIL[0]?.hash ?? '',
              broken_at: api.broken ? 1207 : null,
              why: api.broken ? 'The entry is not what was hashed.' : '',
            }
          : null,
    });
  },
  'GET /auth/doctor': (api) =>
    json(
      diagnosis(['Redirect URI', 'Scheme behind the proxy', 'Cookie', 'Signing keys', 'Clock'], api.broken),
    ),
  'GET /files/{file_id}/access': (_api, { params, query }) => {
    const id = params['file_id'] ?? '';
    if (id.startsWith('gone'))
      return problem(404, 'Not found', 'There is no such file among your documents.');
    const who = query.get('person') ?? 'alice.moreira@example.com';
    const may = !who.startsWith('carla');
    const end = { kind: 'file', name: 'Travel and Expenses Policy v4.pdf', id };
    return json({
      file_id: id,
      file: end.name,
      person: who,
      readable: may,
      decided_by: query.get('person') ? 'records' : 'drive',
      reason: may
        ? 'Through the group staff@example.com and the folder People and travel, as reader.'
        : 'No permission of this file names this person, their domain, or a group they are in.',
      paths: may
        ? [
            {
              steps: [
                { kind: 'person', name: who, id: '' },
                { kind: 'group', name: 'staff@example.com', id: '' },
                { kind: 'folder', name: 'People and travel', id: 'folder-people' },
                end,
              ],
              role: 'reader',
              expires: null,
              valid: true,
              findable: true,
            },
            {
              steps: [{ kind: 'person', name: who, id: '' }, end],
              role: 'writer',
              expires: '2026-10-01T00:00:00Z',
              valid: false,
              findable: true,
            },
          ]
        : [],
    });
  },
};
