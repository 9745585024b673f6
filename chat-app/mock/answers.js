/** What the mock says to a question: the first scenario whose word is in it. */
import { sourceOf } from './documents.js';
import { longAnswer } from './long-answers.js';

/**
 * @typedef {{ event: string, data: unknown }} Step
 * @typedef {{ word: RegExp, sources?: ReturnType<typeof sourceOf>[], understood?: string, answer?: string,
 *   done?: Record<string, unknown>, error?: Record<string, unknown>, cut?: boolean }} Scenario
 */

const HOTEL = sourceOf(1, 'travel-2', 'Porto and Lisbon: 140 EUR per night. London: 195 EUR per night.');
const CAR = sourceOf(2, 'travel-3', 'For the use of one’s own car 0.38 EUR per kilometre are paid.');

const HOSTILE = `Click <a href="javascript:alert(1)">here</a> or <img src=x onerror=alert(1)> <script>alert(1)</script>

![pixel](https://evil.example/p.png) and [a link](https://evil.example/) and https://evil.example/

Forged: [9] and [99], real: [1].`;

const RICH = `Three steps, in this order:

1. Declare the incident in \`#shop-incident\` and name **one** incident lead [1].
2. Put the shop into read-only mode [1]:

   \`\`\`
   shopctl mode readonly
   \`\`\`
3. Fail over only when the lag is *below 30 seconds* [3]; otherwise orders are lost [3].

### The hosts

| Role | Host | Place |
|---|---|---|
| primary | kestrel-1 | Porto [2] |
| replica | kestrel-2 | Leeds [2] |

- Refunds under 100 EUR: support alone
- Above: the head of support`;

/** @type {Scenario[]} */
const SCENARIOS = [
  {
    word: /decline/i,
    answer: 'I did not find this in the documents you can open.',
    done: {
      declined: true,
      nearest: [HOTEL, sourceOf(2, 'hands-4')].map(({ file_id, file, link }) => ({ file_id, file, link })),
    },
  },
  { word: /nothing near/i, done: { declined: true } },
  {
    word: /degraded/i,
    sources: [HOTEL, CAR],
    answer:
      '> Porto and Lisbon: 140 EUR per night. London: 195 EUR per night. [1]\n\n> For the use of one’s own car 0.38 EUR per kilometre are paid. [2]',
    done: { degraded: true },
  },
  {
    word: /unsupported/i,
    sources: [HOTEL],
    answer:
      'A hotel in Lisbon may cost up to 140 EUR per night [1]. In most years this was less. Ask before you book [1].',
    done: { unsupported: [{ start: 56, end: 85 }] },
  },
  {
    word: /how many kettles/i,
    sources: [sourceOf(1, 'prices-1')],
    answer: 'The four kettles cost 347.00 EUR together [1].',
    done: { computed: true },
  },
  {
    word: /disagree/i,
    sources: [{ ...HOTEL, superseded_by: 'Travel and Expenses Policy v5.pdf' }, sourceOf(2, 'hands-4')],
    answer: 'A hotel in Lisbon may cost up to 140 EUR per night [1].',
    done: {
      conflicts: [{ first: 1, second: 2, first_says: '140 EUR per night', second_says: '150 EUR per night' }],
      whole: { read: 400000, of: 610000 },
    },
  },
  { word: /break/i, sources: [HOTEL], answer: 'A hotel in Lisbon may cost', cut: true },
  {
    word: /fail/i,
    sources: [HOTEL],
    error: {
      type: 'urn:problem-type:docent:unavailable',
      title: 'The search is not available',
      status: 503,
      detail: 'The index did not answer in time.',
      request_id: 'req-7f3a91c2',
    },
  },
  { word: /hostile/i, sources: [HOTEL], answer: HOSTILE },
  {
    word: /runbook/i,
    sources: [sourceOf(1, 'runbook-1'), sourceOf(2, 'runbook-2'), sourceOf(3, 'runbook-3')],
    answer: RICH,
  },
  {
    word: /price|kettle/i,
    sources: [sourceOf(1, 'prices-1', 'TGN-300 | Tarn Gooseneck | 96.00 | 74.88'), sourceOf(2, 'prices-2')],
    answer: 'The list price of the Tarn Gooseneck is 96.00 EUR [1], without value added tax [2].',
  },
  { word: /party/i, sources: [sourceOf(1, 'hands-4')], answer: 'On 4 July 2025 at Quinta das Pedras [1].' },
  { word: /serial/i, sources: [sourceOf(1, 'case-1')], answer: 'MC-2411-00900 to MC-2411-01250 [1].' },
  {
    word: /long/i,
    sources: [HOTEL],
    answer: Array.from(
      { length: 120 },
      (_, n) =>
        `Paragraph ${n + 1}: the limit for Lisbon is 140 EUR per night [1], and it has been so since the policy changed.`,
    ).join('\n\n'),
  },
  {
    word: /there/i,
    understood: 'What may a hotel in London cost per night?',
    sources: [HOTEL],
    answer: 'In London up to 195 EUR per night [1].',
  },
  { word: /gone/i, sources: [{ ...HOTEL, passage_id: 'gone' }], answer: 'Up to 140 EUR per night [1].' },
];

/** @type {Scenario} */
const USUAL = {
  word: /./,
  sources: [HOTEL, CAR, sourceOf(3, 'travel-1')],
  answer:
    'A hotel in Lisbon may cost up to **140 EUR per night**, breakfast included [1]. Anything above needs the approval of your head of department before you book [1]. If you drive there in your own car, 0.38 EUR per kilometre are paid [2].',
};

/**
 * The events of an answer, in order; a cut one has no end.
 * @param {string} question
 * @param {string} conversationId
 * @param {string} messageId
 * @returns {Step[]}
 */
export function stepsFor(question, conversationId, messageId) {
  const scenario = SCENARIOS.find(({ word }) => word.test(question)) ?? USUAL;
  /** @type {Step[]} */
  const steps = [
    {
      event: 'meta',
      data: {
        conversation_id: conversationId,
        request_id: 'req-7f3a91c2',
        question: scenario.understood ?? question,
        message_id: messageId,
      },
    },
    { event: 'sources', data: scenario.sources ?? [] },
  ];
  for (const text of (scenario.answer ?? '').match(/\s*\S{1,7}/g) ?? [])
    steps.push({ event: 'token', data: { text } });
  steps.push(...longAnswer(question));
  if (scenario.error) steps.push({ event: 'error', data: scenario.error });
  else if (!scenario.cut)
    steps.push({
      event: 'done',
      data: {
        declined: false,
        degraded: false,
        usage: { model: 'mock', prompt_tokens: 1, output_tokens: 1, cached_tokens: 0 },
        nearest: [],
        unsupported: [],
        computed: false,
        conflicts: [],
        whole: null,
        ...scenario.done,
      },
    });
  return steps;
}
