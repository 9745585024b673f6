import { useCallback, useEffect, useReducer, useRef } from 'react';

import { ask, AnswerCutOff, type AnswerEvent, type Question } from '@/features/chat/api/ask';
import {
  conversationReducer,
  isLive,
  type Conversation,
  type ConversationAction,
} from '@/features/chat/conversation';
import { createPainter } from '@/features/chat/painter';
import { asProblem } from '@/lib/problem';
import type { Problem } from '@/lib/wire';

interface Options {
  /** What there was of the conversation when the page was opened. */
  initial: Conversation;
  /** Called when the service has named a new conversation. */
  onBegun: (conversationId: string) => void;
  /** Called when an answer has ended, well or not. */
  onAnswered: () => void;
  /** Called when an answer fails, so that the question can be kept. */
  onFailure: (question: string, problem: Problem) => void;
}

export type Scope = Omit<Question, 'message' | 'conversation_id'>;

export interface ConversationControls {
  conversation: Conversation;
  busy: boolean;
  /** Asks. `scope` narrows the question; `words` says to what. */
  ask: (message: string, scope: Scope, words: string) => void;
  stop: () => void;
  /** Takes a turn away, so that its question can be asked anew. */
  remove: (turnId: string) => void;
}

/** One conversation with the service: at most one answer at a time, which leaving the page ends. */
export function useConversation({ initial, onBegun, onAnswered, onFailure }: Options): ConversationControls {
  const [conversation, dispatch] = useReducer(conversationReducer, initial);
  const running = useRef<{ turnId: string; controller: AbortController } | null>(null);

  const count = useRef(0);

  useEffect(() => () => running.current?.controller.abort(), []);

  const stop = useCallback(() => {
    if (running.current === null) return;
    running.current.controller.abort();
    dispatch({ kind: 'stopped', turnId: running.current.turnId });
    running.current = null;
  }, []);

  const start = (message: string, scope: Scope, words: string) => {
    stop();
    count.current += 1;
    const turnId = `new-${count.current}`;
    const controller = new AbortController();
    running.current = { turnId, controller };
    dispatch({ kind: 'asked', turnId, question: message, scope: words });
    const question = { ...scope, message, ...(conversation.id && { conversation_id: conversation.id }) };
    const receive = (action: ConversationAction) => {
      dispatch(action);
      if (action.kind === 'received' && action.event.name === 'meta' && conversation.id === '')
        onBegun(action.event.data.conversation_id);
    };
    void follow(question, turnId, controller.signal, receive, (problem) => {
      onFailure(message, problem);
    }).finally(() => {
      if (running.current?.turnId === turnId) running.current = null;
      onAnswered();
    });
  };

  return {
    conversation,
    busy: conversation.turns.some(isLive),
    ask: start,
    stop,
    remove: useCallback((turnId) => {
      dispatch({ kind: 'removed', turnId });
    }, []),
  };
}

/** Turns an answer into actions, its text at the rate of the painter. */
async function follow(
  question: Question,
  turnId: string,
  signal: AbortSignal,
  dispatch: (action: ConversationAction) => void,
  onFailure: (problem: Problem) => void,
): Promise<void> {
  const receive = (event: AnswerEvent) => {
    dispatch({ kind: 'received', turnId, event });
  };
  const painter = createPainter((data) => {
    receive({ name: 'token', data });
  });
  try {
    for await (const event of ask(question, signal)) {
      if (event.name === 'token') {
        await painter.add(event.data);
      } else {
        await painter.empty();
        receive(event);
        if (event.name === 'error') onFailure(event.data);
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    await painter.empty();
    if (error instanceof AnswerCutOff) {
      dispatch({ kind: 'cut-off', turnId });
      return;
    }
    const problem = asProblem(error);
    dispatch({ kind: 'failed', turnId, problem });
    onFailure(problem);
  }
}
