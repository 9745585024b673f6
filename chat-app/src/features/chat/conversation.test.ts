import { describe, expect, it } from 'vitest';

import type { AnswerEvent } from '@/features/chat/api/ask';
import {
  citedNumbers,
  conversationReducer,
  emptyConversation,
  type Conversation,
  type ConversationAction,
} from '@/features/chat/conversation';

const receive = (event: AnswerEvent, turnId = 't1'): ConversationAction => ({
  kind: 'received',
  turnId,
  event,
});
const asked: ConversationAction = { kind: 'asked', turnId: 't1', question: 'And there?', scope: '' };
const meta = (question: string) =>
  receive({ name: 'meta', data: { conversation_id: 'c1', request_id: 'r1', message_id: 'm1', question } });
const token = (text: string) => receive({ name: 'token', data: { text, unsupported: false } });
const done = receive({
  name: 'done',
  data: {
    declined: false,
    degraded: true,
    computed: false,
    nearest: null,
    unsupported: null,
    conflicts: null,
    whole: null,
  },
});

const after = (...actions: ConversationAction[]): Conversation =>
  actions.reduce(conversationReducer, emptyConversation);

describe('conversationReducer', () => {
  it('goes from searching to answering to answered', () => {
    expect(after(asked).turns[0]?.status).toEqual({ kind: 'searching' });
    expect(after(asked, token('It ')).turns[0]?.status).toEqual({ kind: 'answering' });
    expect(after(asked, token('It '), token('is.'), done).turns[0]).toMatchObject({
      answer: 'It is.',
      status: { kind: 'answered', declined: false, degraded: true, nearest: [] },
    });
  });

  it('remembers the conversation, and the question as understood only where it differs', () => {
    expect(after(asked, meta('And there? '))).toMatchObject({ id: 'c1', turns: [{ understood: '' }] });
    expect(after(asked, meta('Hotels in London?')).turns[0]?.understood).toBe('Hotels in London?');
  });

  it('gives a failure the request number told at the start when it brings none', () => {
    const problem = { type: 'about:blank', title: 'No', status: 503, detail: '', request_id: '' };
    expect(after(asked, meta(''), receive({ name: 'error', data: problem })).turns[0]?.status).toEqual({
      kind: 'failed',
      problem: { ...problem, request_id: 'r1' },
    });
  });

  it.each<[ConversationAction]>([[{ kind: 'stopped', turnId: 't1' }], [{ kind: 'cut-off', turnId: 't1' }]])(
    'keeps what had come before %j and takes nothing after it',
    (end) => {
      const state = after(asked, meta(''), token('Half'), end);
      expect(state.turns[0]).toMatchObject({ answer: 'Half', status: { kind: end.kind } });
      expect([token(' more'), done, end, meta('x')].reduce(conversationReducer, state)).toBe(state);
    },
  );

  it('ignores what comes for a turn that is gone', () => {
    const state = after(asked, { kind: 'removed', turnId: 't1' });
    expect(state.turns).toEqual([]);
    expect(conversationReducer(state, token('late'))).toBe(state);
  });

  it('leaves other turns as they are, to the same object', () => {
    const state = after(asked, done, { kind: 'asked', turnId: 't2', question: 'Two', scope: '' });
    expect(
      conversationReducer(state, receive({ name: 'token', data: { text: 'x', unsupported: false } }, 't2'))
        .turns[0],
    ).toBe(state.turns[0]);
  });

  it('marks what comes unsupported, counted in characters, until the end says it finally', () => {
    const unsure = receive({ name: 'token', data: { text: 'Maybe.', unsupported: true } });
    const state = after(asked, token('🧭 It is. '), unsure);
    expect(state.turns[0]?.unsupported).toEqual([{ start: 9, end: 15 }]);
    expect(conversationReducer(state, done).turns[0]?.unsupported).toEqual([]);
  });
});

describe('citedNumbers', () => {
  it('names each number once, in the order of first mention', () => {
    expect(citedNumbers('a [2], b [1, 3], c [2] and [x] [12345]')).toEqual([2, 1, 3]);
  });
});
