/** What was asked before. */
import { json, nothing, problem } from './respond.js';
import { sourceOf } from './documents.js';

const GONE = problem(404, 'No such conversation', 'There is no such conversation.');
const QUOTE = 'Porto and Lisbon: 140 EUR per night. London: 195 EUR per night.';

/** @param {import('./api.js').MockApi} api @param {string | undefined} id */
const byId = (api, id) => api.conversations.find((one) => one.id === id);

/** @param {ReturnType<typeof byId> & {}} conversation */
const entry = ({ id, title, updated_at, share }) => ({ id, title, updated_at, share });

/** @param {ReturnType<typeof byId> & {}} conversation */
const messagesOf = ({ question, updated_at }) => [
  {
    asked_at: updated_at,
    question,
    answer: 'Up to 140 EUR per night [1]. It was less in 2019.',
    withheld: false,
    sources: [sourceOf(1, 'travel-2', QUOTE)],
    declined: false,
    degraded: false,
    unsupported: [{ start: 29, end: 49 }],
    conflicts: [],
  },
  {
    asked_at: updated_at,
    question: 'What does the offer of the landlord say?',
    answer: '',
    withheld: true,
    sources: [],
    declined: false,
    degraded: false,
    unsupported: [],
    conflicts: [],
  },
];

const USAGE = { model: 'mock', prompt_tokens: 1, output_tokens: 1, cached_tokens: 0 };

/** @type {Record<string, import('./api.js').Handler>} */
export const conversationRoutes = {
  'GET /chat/conversations': (api, { query }) => {
    const words = (query.get('q') ?? '').toLowerCase();
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 30);
    const found = api.conversations.filter(({ title }) => title.toLowerCase().includes(words));
    const more = found.length > from + limit;
    return json({
      conversations: found.slice(from, from + limit).map(entry),
      next_cursor: more ? String(from + limit) : null,
    });
  },
  'GET /chat/conversations/{conversation_id}': (api, { params }) => {
    const one = byId(api, params['conversation_id']);
    if (one === undefined) return GONE;
    const messages = messagesOf(one).map((message, at) => ({ ...message, id: `m-${at}`, usage: USAGE }));
    return json({ ...entry(one), messages });
  },
  'PATCH /chat/conversations/{conversation_id}': (api, { params, body }) => {
    const one = byId(api, params['conversation_id']);
    if (one === undefined) return GONE;
    one.title = /** @type {{ title: string }} */ (body).title;
    return json(entry(one));
  },
  'DELETE /chat/conversations/{conversation_id}': (api, { params }) => {
    api.conversations = api.conversations.filter(({ id }) => id !== params['conversation_id']);
    return nothing;
  },
  'GET /chat/conversations/{conversation_id}/export': () => ({
    status: 200,
    headers: { 'content-type': 'text/markdown' },
    body: '# Hotels\n',
  }),
  'POST /chat/conversations/{conversation_id}/share': (api, { params }) => {
    const one = byId(api, params['conversation_id']);
    if (one === undefined) return GONE;
    one.share = { share_id: `share-${one.id}`, shared_at: '2026-11-30T20:15:00Z' };
    return json(one.share);
  },
  'DELETE /chat/conversations/{conversation_id}/share': (api, { params }) => {
    const one = byId(api, params['conversation_id']);
    if (one !== undefined) one.share = null;
    return nothing;
  },
  'GET /chat/shared/{share_id}': (api, { params }) => {
    const one = api.conversations.find(({ share }) => share?.share_id === params['share_id']);
    if (one?.share == null) return GONE;
    return json({ title: one.title, shared_at: one.share.shared_at, messages: messagesOf(one) });
  },
};
