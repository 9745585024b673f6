/** Asking, and what goes with it. */
import { stepsFor } from './answers.js';
import { json, nothing, pause, problem } from './respond.js';
import { checkNamed } from './contract.js';
import { DOCUMENTS } from './documents.js';

/** The schema of each event of an answer; `sources` is a list. */
const EVENTS = { meta: 'Meta', sources: 'Source', token: 'Token', done: 'Done', error: 'Problem' };

const SUGGESTED = [
  ['What may a hotel cost per night on a business trip?', 'file-travel'],
  ['Who may fail over the web shop, and when?', 'file-runbook'],
  ['What was decided about the party?', 'file-hands'],
];

/** @type {Record<string, import('./api.js').Handler>} */
export const chatRoutes = {
  'POST /chat': (api, { body }) => {
    const question = /** @type {{ message: string, conversation_id?: string }} */ (body);
    api.asked.push(question);
    if (/expire/i.test(question.message)) {
      api.signedIn = false;
      return problem(401, 'Not signed in', 'Your session has ended.');
    }
    if (/limit of/i.test(question.message))
      return problem(429, 'Too many questions', 'You may ask 10 questions a minute.');
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      body: stream(api, question.message, question.conversation_id ?? `conversation-${api.asked.length}`),
    };
  },
  'GET /chat/suggestions': (_api, { query }) =>
    json({
      suggestions: SUGGESTED.map(([question, id]) => ({
        question,
        file_id: id,
        file: DOCUMENTS.find(({ file_id }) => file_id === id)?.file ?? '',
        whole: false,
      })).slice(0, query.has('file_id') ? 1 : 4),
    }),
  'POST /chat/messages/{message_id}/feedback': () => nothing,
  'GET /files/{file_id}/passages': (_api, { params, query }) => {
    const around = query.get('around') ?? '';
    const document = DOCUMENTS.find(({ file_id }) => file_id === params['file_id']);
    const at = document?.passages.findIndex(({ passage_id }) => passage_id === around) ?? -1;
    if (document === undefined || at === -1)
      return problem(404, 'No such passage', 'There is no such passage, or you may not read it.');
    const span = Number(query.get('span') ?? 3);
    const near = document.passages.slice(Math.max(0, at - span), at + span + 1);
    return json({
      ...document,
      passages: near.map((passage) => ({ ...passage, cited: passage.passage_id === around })),
    });
  },
};

/** @param {import('./api.js').MockApi} api @param {string} message @param {string} conversationId @returns {AsyncGenerator<string>} */
async function* stream(api, message, conversationId) {
  yield ': ping\n\n';
  if (/slow/i.test(message)) await pause(api.delayMs * 150 + 50);
  const steps = stepsFor(message, conversationId, `message-${api.asked.length}`);
  for (const [at, { event, data }] of steps.entries()) {
    for (const one of event === 'sources' ? /** @type {unknown[]} */ (data) : [data])
      checkNamed(EVENTS[/** @type {keyof typeof EVENTS} */ (event)], one);
    if (api.delayMs > 0) await pause(event === 'token' ? api.delayMs : api.delayMs * 12);
    if (event === 'token' && at % api.burst === 0) await api.onBurst(message);
    yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    if (event === 'token' && /forever/i.test(message)) await new Promise(() => undefined);
  }
}
