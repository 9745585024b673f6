import type { Inline } from '@/lib/markdown/inline';

/** A number or numbers with the word they follow and the punctuation after them: what must not break over lines. */
export interface Tied {
  kind: 'tied';
  word: string;
  numbers: number[];
  tail: string;
}

const LONGEST_TIED_WORD = 24;
const CLOSING = /^[.,;:!?)\]”’»…]+/u;

/** Ties citations whose source is known to their words. The others become text again, as they were typed. */
export function tieCitations(inlines: readonly Inline[], isKnown: (n: number) => boolean): (Inline | Tied)[] {
  const tied: (Inline | Tied)[] = [];
  for (const inline of inlines) {
    const last = tied.at(-1);
    if (inline.kind === 'citation') addCitation(tied, inline.numbers, isKnown);
    else if (inline.kind === 'text') addText(tied, last, inline.text);
    else tied.push(inline);
  }
  return tied;
}

function addCitation(tied: (Inline | Tied)[], numbers: readonly number[], isKnown: (n: number) => boolean) {
  const known = numbers.filter(isKnown);
  const unknown = numbers.filter((n) => !isKnown(n));
  if (known.length > 0) {
    const last = tied.at(-1);
    // Between two marks the text so far is only space: one row of numbers.
    if (last?.kind === 'tied' && last.tail.trim() === '') {
      last.numbers.push(...known);
      last.tail = '';
    } else {
      tied.push({
        kind: 'tied',
        word: last?.kind === 'text' ? takeWord(tied, last.text) : '',
        numbers: known,
        tail: '',
      });
    }
  }
  if (unknown.length > 0) addText(tied, tied.at(-1), `[${unknown.join(', ')}]`);
}

/** Takes the last word off the text that ends the list, and with it the space before the number. */
function takeWord(tied: (Inline | Tied)[], text: string): string {
  tied.pop();
  const trimmed = text.trimEnd();
  const word = /\S*$/.exec(trimmed)?.[0] ?? '';
  const short = word.length <= LONGEST_TIED_WORD ? word : '';
  const rest = trimmed.slice(0, trimmed.length - short.length);
  if (rest !== '') tied.push({ kind: 'text', text: rest });
  return short;
}

function addText(tied: (Inline | Tied)[], last: Inline | Tied | undefined, text: string) {
  let rest = text;
  if (last?.kind === 'tied' && last.tail === '') {
    last.tail = CLOSING.exec(rest)?.[0] ?? '';
    rest = rest.slice(last.tail.length);
    if (last.tail === '' && rest.trim() === '') {
      last.tail = rest;
      return;
    }
  }
  if (last?.kind === 'text') last.text += rest;
  else if (rest !== '') tied.push({ kind: 'text', text: rest });
}
