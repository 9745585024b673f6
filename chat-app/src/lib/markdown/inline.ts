/** What stands inside a line: emphasis, code, line breaks and citations. Everything else is text, as typed. */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'break' }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'emphasis'; children: Inline[] }
  | { kind: 'citation'; numbers: number[] };

const MAX_DEPTH = 4;

const CITATION = /\[ *\d{1,3}(?: *[,;] *\d{1,3})* *\]/y;
const ESCAPE = /\\[!-/:-@[-`{-~]/y;
const SPECIAL = /[\n\\[`*_]/g;
const WORD = /[\p{L}\p{N}]/u;
const UNFINISHED_CITATION = /\[[\d ,;]*$/;

/**
 * The inlines of a text, in order. Never throws; linear in the text.
 * `open` says that more text is coming: a marker not yet closed counts as closed at the end, and half a
 * citation is held back, so that what is already on the screen does not change its look.
 */
export function parseInline(text: string, open = false): Inline[] {
  return inlinesOf(open ? text.replace(UNFINISHED_CITATION, '') : text, open, 0);
}

function inlinesOf(text: string, open: boolean, depth: number): Inline[] {
  const found: Inline[] = [];
  const unclosed = new Set<string>();
  let plain = '';
  let at = 0;

  const push = (inline: Inline) => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
    found.push(inline);
  };

  while (at < text.length) {
    const special = specialAt(text, at, open, depth, unclosed);
    if (special === undefined) {
      SPECIAL.lastIndex = at + 1;
      const next = SPECIAL.exec(text)?.index ?? text.length;
      plain += text.slice(at, next);
      at = next;
    } else {
      if (typeof special.inline === 'string') plain += special.inline;
      else push(special.inline);
      at = special.next;
    }
  }
  if (plain !== '') found.push({ kind: 'text', text: plain });
  return found;
}

interface Special {
  inline: Inline | string;
  next: number;
}

function specialAt(
  text: string,
  at: number,
  open: boolean,
  depth: number,
  unclosed: Set<string>,
): Special | undefined {
  switch (text.charAt(at)) {
    case '\n':
      return { inline: { kind: 'break' }, next: at + 1 };
    case '\\': {
      const escaped = matchAt(ESCAPE, text, at);
      return escaped === undefined ? undefined : { inline: escaped.charAt(1), next: at + 2 };
    }
    case '[': {
      const citation = matchAt(CITATION, text, at);
      if (citation === undefined) return undefined;
      const numbers = [...citation.matchAll(/\d+/g)].map(([digits]) => Number(digits));
      return { inline: { kind: 'citation', numbers }, next: at + citation.length };
    }
    case '`':
      return codeAt(text, at, open, unclosed);
    case '*':
    case '_':
      return depth < MAX_DEPTH ? emphasisAt(text, at, open, depth, unclosed) : undefined;
    default:
      return undefined;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function codeAt(text: string, at: number, open: boolean, unclosed: Set<string>): Special | undefined {
  const ticks = matchAt(/`+/y, text, at) ?? '`';
  if (unclosed.has(ticks)) return { inline: ticks, next: at + ticks.length };
  const start = at + ticks.length;
  const end = text.indexOf(ticks, start);
  if (end === -1 && !open) {
    unclosed.add(ticks);
    return { inline: ticks, next: start };
  }
  const code = text.slice(start, end === -1 ? undefined : end).replace(/\n/g, ' ');
  return {
    inline: { kind: 'code', text: code.trim() || code },
    next: end === -1 ? text.length : end + ticks.length,
  };
}

function emphasisAt(
  text: string,
  at: number,
  open: boolean,
  depth: number,
  unclosed: Set<string>,
): Special | undefined {
  const sign = text.charAt(at);
  const marker = text.charAt(at + 1) === sign ? sign + sign : sign;
  const start = at + marker.length;
  const literal = { inline: marker, next: start };
  if (unclosed.has(marker) || !/\S/.test(text.charAt(start))) return literal;
  if (sign === '_' && WORD.test(text.charAt(at - 1))) return literal;
  const end = closingOf(text, start, marker);
  if (end === -1 && !open) {
    unclosed.add(marker);
    return literal;
  }
  const inside = text.slice(start, end === -1 ? undefined : end);
  const children = inlinesOf(inside, open && end === -1, depth + 1);
  const kind = marker.length === 2 ? 'strong' : 'emphasis';
  return { inline: { kind, children }, next: end === -1 ? text.length : end + marker.length };
}

/** Where the marker that closes stands: after a non-space, and for a single sign not part of a double one. */
function closingOf(text: string, from: number, marker: string): number {
  const sign = marker.charAt(0);
  for (let end = text.indexOf(marker, from + 1); end !== -1; end = text.indexOf(marker, end + 1)) {
    if (/\s/.test(text.charAt(end - 1))) continue;
    if (marker.length === 1 && text.charAt(end + 1) === sign) {
      end += 1;
      continue;
    }
    // In `**b *c***` the inner emphasis closes first.
    if (marker.length === 2 && text.charAt(end + 2) === sign) end += 1;
    if (sign === '_' && WORD.test(text.charAt(end + marker.length))) continue;
    return end;
  }
  return -1;
}
