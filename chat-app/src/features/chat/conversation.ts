/** A conversation as a value: `(state, action) => state`, without React, clock or network. */
import type { AnswerEvent, NearestDocument } from '@/features/chat/api/ask';
import type { Contradiction, Problem, Source, Stretch } from '@/lib/wire';

export type TurnStatus =
  | { kind: 'searching' }
  | { kind: 'answering' }
  | {
      kind: 'answered';
      declined: boolean;
      degraded: boolean;
      /** Computed over the cells of a table, not read in a text. */
      computed: boolean;
      /** An old answer rests on a document that the person can no longer open. */
      withheld: boolean;
      nearest: NearestDocument[];
      /** Sources that do not agree. */
      conflicts: Contradiction[];
      /** How much of a file that was asked as a whole could be read, in characters; null when none was. */
      whole: { read: number; of: number } | null;
    }
  | { kind: 'stopped' }
  | { kind: 'cut-off' }
  | { kind: 'failed'; problem: Problem };

export interface Turn {
  id: string;
  /** What the person typed. */
  question: string;
  /** What was searched for, where the service reworded a follow-up; empty otherwise. */
  understood: string;
  requestId: string;
  /** The service's name for the answer; empty until it has begun, and in what a colleague shared. */
  messageId: string;
  /** What was asked, in words, where that was not everything; empty otherwise. */
  scope: string;
  sources: Source[];
  answer: string;
  /** What no source says, of the answer so far. */
  unsupported: Stretch[];
  status: TurnStatus;
}

export interface Conversation {
  /** The service's name for it; empty until it has answered once. */
  id: string;
  turns: Turn[];
}

export type ConversationAction =
  | { kind: 'asked'; turnId: string; question: string; scope: string }
  | { kind: 'received'; turnId: string; event: AnswerEvent }
  | { kind: 'stopped'; turnId: string }
  | { kind: 'cut-off'; turnId: string }
  | { kind: 'failed'; turnId: string; problem: Problem }
  | { kind: 'removed'; turnId: string };

export const emptyConversation: Conversation = { id: '', turns: [] };

/** True while more of the turn's answer may come. */
export const isLive = (turn: Turn): boolean =>
  turn.status.kind === 'searching' || turn.status.kind === 'answering';

/** The state after an action. Whatever comes for a turn that is over, or unknown, changes nothing. */
export function conversationReducer(state: Conversation, action: ConversationAction): Conversation {
  switch (action.kind) {
    case 'asked':
      return {
        ...state,
        turns: [...state.turns, newTurn(action.turnId, action.question, action.scope)],
      };
    case 'removed':
      return { ...state, turns: state.turns.filter((turn) => turn.id !== action.turnId) };
    case 'received':
      return received(state, action.turnId, action.event);
    case 'stopped':
    case 'cut-off':
      return changed(state, action.turnId, () => ({ status: { kind: action.kind } }));
    case 'failed':
      return changed(state, action.turnId, () => ({ status: { kind: 'failed', problem: action.problem } }));
  }
}

const newTurn = (id: string, question: string, scope: string): Turn => ({
  id,
  question,
  understood: '',
  requestId: '',
  messageId: '',
  scope,
  sources: [],
  answer: '',
  unsupported: [],
  status: { kind: 'searching' },
});

function changed(state: Conversation, turnId: string, change: (turn: Turn) => Partial<Turn>): Conversation {
  const turn = state.turns.find(({ id }) => id === turnId);
  if (turn === undefined || !isLive(turn)) return state;
  const next = { ...turn, ...change(turn) };
  return { ...state, turns: state.turns.map((other) => (other === turn ? next : other)) };
}

function received(state: Conversation, turnId: string, event: AnswerEvent): Conversation {
  if (event.name === 'meta') {
    const { conversation_id, message_id, request_id, question } = event.data;
    const next = changed(state, turnId, (turn) => ({
      requestId: request_id ?? '',
      messageId: message_id ?? '',
      understood: question && question.trim() !== turn.question ? question.trim() : '',
    }));
    return next === state ? state : { ...next, id: conversation_id };
  }
  return changed(state, turnId, (turn) => changeBy(turn, event));
}

function changeBy(turn: Turn, event: Exclude<AnswerEvent, { name: 'meta' }>): Partial<Turn> {
  switch (event.name) {
    case 'sources':
      return { sources: event.data };
    case 'token':
      return addText(turn, event.data.text, event.data.unsupported);
    case 'done': {
      const { declined, degraded, computed, nearest, unsupported, conflicts, whole } = event.data;
      return {
        unsupported: unsupported ?? [],
        status: {
          kind: 'answered',
          declined,
          degraded,
          computed,
          withheld: false,
          nearest: nearest ?? [],
          conflicts: conflicts ?? [],
          whole,
        },
      };
    }
    case 'error':
      return {
        status: {
          kind: 'failed',
          problem: {
            ...event.data,
            request_id: event.data.request_id === '' ? turn.requestId : event.data.request_id,
          },
        },
      };
  }
}

function addText(turn: Turn, text: string, unsupported: boolean): Partial<Turn> {
  const status = { kind: 'answering' } as const;
  const answer = turn.answer + text;
  if (!unsupported) return { answer, status };
  const start = Array.from(turn.answer).length;
  const stretch = { start, end: start + Array.from(text).length };
  return { answer, status, unsupported: [...turn.unsupported, stretch] };
}

/** The numbers an answer cites, in the order of their first mention. */
export function citedNumbers(answer: string): number[] {
  const numbers = [...answer.matchAll(/\[ *\d{1,3}(?: *[,;] *\d{1,3})* *\]/g)].flatMap(([mark]) =>
    [...mark.matchAll(/\d+/g)].map(([digits]) => Number(digits)),
  );
  return [...new Set(numbers)];
}
