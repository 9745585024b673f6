/**
 * Docent's service, as far as this app sees it, in memory: for looking at the app and for its tests. What it is asked and
 * what it says is checked against the service's OpenAPI file (contract.js), so that it cannot drift away from it.
 */
import { accountRoutes } from './account.js';
import { FILES, ingestRoutes, progressOf } from './admin/ingest.js';
import { moneyRoutes } from './admin/money.js';
import { peopleOf, peopleRoutes } from './admin/people.js';
import { chatRoutes } from './chat.js';
import { checkRequest, checkResponse, operationOf } from './contract.js';
import { conversationRoutes } from './conversations.js';
import { driveRoutes } from './drive.js';
import { problem } from './respond.js';

/**
 * @typedef {{ method: string, path: string, query: URLSearchParams, body: string }} Request
 * @typedef {{ status: number, headers: Record<string, string>, body: string | AsyncIterable<string> }} Response
 * @typedef {{ params: Record<string, string>, query: URLSearchParams, body: unknown }} Asked
 * @typedef {(api: MockApi, asked: Asked) => Response} Handler
 * @typedef {{ id: string, name: string }} Collection
 * `broken`: an audit trail that does not hold, an ill sign-in, a budget that is used up. `empty`: nothing is read yet.
 * `burst`: after so many tokens of an answer `onBurst` must have happened before the next.
 * @typedef {{ signedIn?: boolean, admin?: boolean, delayMs?: number, collections?: Collection[],
 *   driveGrant?: 'live' | 'dead' | 'missing', conversations?: number, shared?: boolean,
 *   broken?: boolean, empty?: boolean, burst?: number, onBurst?: (question: string) => Promise<unknown> }} Options
 */

/** What can be asked without a session. */
const OPEN = new Set(['GET /auth/login', 'POST /auth/refresh']);

/** @type {Record<string, Handler>} by method and path of the OpenAPI file; a room's own in a file of its own */
const ROUTES = {
  ...accountRoutes,
  ...chatRoutes,
  ...conversationRoutes,
  ...driveRoutes,
  ...ingestRoutes,
  ...moneyRoutes,
  ...peopleRoutes,
};

export class MockApi {
  /** @type {Record<string, unknown>[]} every question asked, as it came */
  asked = [];
  /** @type {{ key: string, params: Record<string, string>, query: Record<string, string>, body: unknown }[]} every request */
  requests = [];
  /** @type {Record<string, number>} routes that fail, by method and path, with the status they fail with */
  failing = {};

  /** @param {Options} [options] */
  constructor({
    signedIn = true,
    admin = false,
    delayMs = 0,
    burst = Infinity,
    onBurst = () => Promise.resolve(),
    collections = [{ id: 'handbook', name: 'Handbook' }],
    driveGrant = 'live',
    conversations = 0,
    shared = false,
    broken = false,
    empty = false,
  } = {}) {
    this.signedIn = signedIn;
    this.admin = admin;
    this.delayMs = delayMs;
    this.burst = burst;
    this.onBurst = onBurst;
    this.collections = collections;
    this.driveGrant = driveGrant;
    this.broken = broken;
    this.spent = broken;
    this.progress = empty ? [] : [progressOf()];
    this.files = FILES.map((file) => ({ ...file }));
    this.people = peopleOf();
    this.conversations = Array.from({ length: conversations }, (_, at) => conversationOf(at));
    for (const one of shared ? this.conversations : [])
      one.share = { share_id: `share-${one.id}`, shared_at: one.updated_at };
    this.sessions = [
      sessionOf('here', 'Chrome on Linux', 'Porto, PT', true),
      sessionOf('phone', 'Safari on iPhone', 'Lisbon, PT', false),
      sessionOf('office', 'Edge on Windows', '', false),
    ];
  }

  /**
   * The answer to a request, or undefined for a path that is not the service's. Throws when either is not as the
   * OpenAPI file says.
   * @param {Request} request
   * @returns {Response | undefined}
   */
  handle({ method, path, query, body }) {
    const found = operationOf(method, path);
    if (found === undefined) return undefined;
    checkRequest(found, query, body);
    const { key, params } = found;
    const asked = {
      params,
      query,
      body: body === '' ? undefined : /** @type {unknown} */ (JSON.parse(body)),
    };
    this.requests.push({ key, params, query: Object.fromEntries(query), body: asked.body });
    const response = this.#answer(key, asked);
    const type = response.headers['content-type'] ?? '';
    checkResponse(found, response.status, type, typeof response.body === 'string' ? response.body : '');
    return response;
  }

  /** @param {string} key @param {Asked} asked @returns {Response} */
  #answer(key, asked) {
    if (!this.signedIn && !OPEN.has(key)) return problem(401, 'Not signed in', 'This needs a session.');
    const failing = this.failing[key];
    if (failing !== undefined) return problem(failing, 'This does not work now', 'A part of Docent is down.');
    const handler = ROUTES[key];
    if (handler === undefined) throw new Error(`the mock has no ${key}`);
    return handler(this, asked);
  }
}

const TITLES = [
  'What may a hotel in Lisbon cost?',
  'Who decides on the new warehouse, and by when?',
  'How do we fail over the web shop?',
  'Parental leave in Portugal and the papers it takes',
  'List price of the Tarn Gooseneck',
];

/** @param {number} at */
function conversationOf(at) {
  return {
    id: `conversation-old-${at}`,
    title: TITLES[at % TITLES.length] ?? '',
    updated_at: new Date(Date.UTC(2026, 10, 30 - (at % 28), 9)).toISOString(),
    share: /** @type {{ share_id: string, shared_at: string } | null} */ (null),
    question: 'What may a hotel in Lisbon cost per night today?',
  };
}

/** @param {string} id @param {string} device @param {string} place @param {boolean} current */
function sessionOf(id, device, place, current) {
  return {
    id,
    device,
    place,
    created_at: '2026-11-23T08:12:00Z',
    last_seen: '2026-11-30T07:45:00Z',
    expires_at: '2026-12-30T08:12:00Z',
    current,
  };
}
