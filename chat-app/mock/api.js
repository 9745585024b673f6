/** Docent's service, as far as this app sees it, in memory: for looking at the app and for its tests. */
import { stepsFor } from './answers.js';
import { DOCUMENTS } from './documents.js';

/**
 * @typedef {{ method: string, path: string, query: URLSearchParams, body: string }} Request
 * @typedef {{ status: number, headers: Record<string, string>, body: string | AsyncIterable<string> }} Response
 * @typedef {{ signedIn?: boolean, delayMs?: number, collections?: { id: string, name: string }[] }} Options
 */

const USER = {
  subject: '1',
  email: 'alice@example.com',
  name: 'Alice Moreira',
  domain: 'example.com',
  admin: false,
};

export class MockApi {
  /** @type {unknown[]} every question asked, as it came */
  asked = [];

  /** @param {Options} [options] */
  constructor({ signedIn = true, delayMs = 0, collections = [] } = {}) {
    this.signedIn = signedIn;
    this.delayMs = delayMs;
    this.collections = collections;
  }

  /**
   * The answer to a request, or undefined for a path that is not the service's.
   * @param {Request} request
   * @returns {Response | undefined}
   */
  handle({ method, path, query, body }) {
    if (path === '/auth/login') {
      this.signedIn = true;
      return { status: 302, headers: { location: query.get('return_to') ?? '/' }, body: '' };
    }
    const files = /^\/files\/([^/]+)\/passages$/.exec(path);
    if (!files && !['/auth/user', '/auth/logout', '/chat', '/collections'].includes(path)) return undefined;
    if (!this.signedIn) return problem(401, 'Not signed in', 'This needs a session.');
    if (path === '/auth/user') return json(USER);
    if (path === '/collections') return json({ collections: this.collections, next_cursor: null });
    if (path === '/auth/logout') {
      this.signedIn = false;
      return { status: 204, headers: {}, body: '' };
    }
    if (files) return passages(files[1] ?? '', query.get('around') ?? '');
    return method === 'POST' ? this.#chat(body) : problem(405, 'Method not allowed', 'Use POST.');
  }

  /** @param {string} body @returns {Response} */
  #chat(body) {
    const question = questionIn(body);
    this.asked.push(question);
    if (/expire/i.test(question.message)) {
      this.signedIn = false;
      return problem(401, 'Not signed in', 'Your session has ended.');
    }
    if (/limit of/i.test(question.message))
      return problem(429, 'Too many questions', 'You may ask 10 questions a minute.');
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      body: this.#stream(question.message, question.conversation_id ?? 'conversation-1'),
    };
  }

  /** @param {string} message @param {string} conversationId @returns {AsyncGenerator<string>} */
  async *#stream(message, conversationId) {
    yield ': ping\n\n';
    if (/slow/i.test(message)) await pause(this.delayMs * 150 + 50);
    for (const { event, data } of stepsFor(message, conversationId)) {
      if (this.delayMs > 0) await pause(event === 'token' ? this.delayMs : this.delayMs * 12);
      yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (event === 'token' && /forever/i.test(message)) await new Promise(() => undefined);
    }
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {unknown} value @returns {Response} */
const json = (value) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** @param {number} status @param {string} title @param {string} detail @returns {Response} */
const problem = (status, title, detail) => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ type: 'about:blank', title, status, detail, request_id: 'req-19c0de55' }),
});

/** @param {string} fileId @param {string} around */
function passages(fileId, around) {
  const document = DOCUMENTS.find(({ file_id }) => file_id === fileId);
  if (!document?.passages.some(({ passage_id }) => passage_id === around)) {
    return problem(404, 'No such passage', 'There is no such passage, or you may not read it.');
  }
  const found = document.passages.map((passage) => ({ ...passage, cited: passage.passage_id === around }));
  return json({ ...document, passages: found });
}

/** @param {string} body */
function questionIn(body) {
  /** @type {unknown} */
  const question = JSON.parse(body);
  return /** @type {{ message: string, conversation_id?: string }} */ (question);
}
