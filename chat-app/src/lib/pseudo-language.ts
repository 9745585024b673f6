/** English with every message marked and lengthened, for looking: what stays unmarked was written into the code. */
import type { Messages } from '@lingui/core';

type Compiled = Messages[string];

export const OPENING = '⟦';
export const CLOSING = '⟧';

/** A compiled catalogue with every message between marks, and about a third longer. */
export function pseudo(messages: Messages): Messages {
  return Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, marked(message)]));
}

function marked(message: Compiled): Compiled {
  const tokens = typeof message === 'string' ? [message] : message;
  const length = JSON.stringify(tokens).length;
  return [OPENING, ...tokens, '·'.repeat(Math.min(12, Math.ceil(length / 4))), CLOSING] as Compiled;
}
