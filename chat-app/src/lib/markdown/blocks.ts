/**
 * The blocks of the plain Markdown that models write: paragraphs, headings, lists, tables, code, quotes, rules.
 * Not CommonMark: there is no HTML, no link, no image and no reference, so nothing in a text can leave the page.
 * Time is linear in the text; nesting stops at MAX_DEPTH, where markers stay text.
 */

export type Align = 'start' | 'end';

export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'heading'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'rule' }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; header: string[]; align: Align[]; rows: string[][] };

const MAX_DEPTH = 5;

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const HEADING = /^ {0,3}#{1,6} +(\S.*)$/;
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const MARKER = /^( *)([-*+]|\d{1,9}[.)])( +|$)/;
const DELIMITER_CELL = /^:?-+:?$/;

interface Parsed {
  block: Block;
  next: number;
}

/** A block and where in the text its first line begins. */
export interface PlacedBlock {
  block: Block;
  start: number;
}

/** The blocks of a text, in order. Never throws. */
export const parseBlocks = (text: string): Block[] => placedBlocks(text).map(({ block }) => block);

/** The blocks of a text from a place on, which is the beginning of a line; places count from the text's own beginning. */
export function placedBlocks(text: string, from = 0): PlacedBlock[] {
  const lines: string[] = [];
  const starts: number[] = [];
  let start = from;
  for (const line of text.slice(from).split(/(?<=\n|\r(?!\n))/)) {
    lines.push(line.replace(/[\r\n]+$/, '').replaceAll('\t', '    '));
    starts.push(start);
    start += line.length;
  }
  return [...blocksIn(lines, 0)].map(({ block, at }) => ({ block, start: starts[at] ?? 0 }));
}

const blocksOf = (lines: string[], depth: number): Block[] =>
  [...blocksIn(lines, depth)].map(({ block }) => block);

function* blocksIn(lines: string[], depth: number): Generator<{ block: Block; at: number }> {
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const parsed = blockAt(lines, at, depth) ?? paragraphAt(lines, at, depth);
    yield { block: parsed.block, at };
    at = parsed.next;
  }
}

const isBlank = (line: string | undefined) => line === undefined || line.trim() === '';

function blockAt(lines: string[], at: number, depth: number): Parsed | undefined {
  const line = lines[at] ?? '';
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return codeAt(lines, at, fence);
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined)
    return { block: { kind: 'heading', text: heading.replace(/[ #]+$/, '') }, next: at + 1 };
  if (RULE.test(line)) return { block: { kind: 'rule' }, next: at + 1 };
  if (depth < MAX_DEPTH) {
    if (QUOTE.test(line)) return quoteAt(lines, at, depth);
    if (MARKER.test(line)) return listAt(lines, at, depth);
  }
  return tableAt(lines, at);
}

function paragraphAt(lines: string[], at: number, depth: number): Parsed {
  let next = at + 1;
  while (next < lines.length && !isBlank(lines[next]) && !interrupts(lines, next, depth)) next += 1;
  const text = lines.slice(at, next).map((line) => line.trim());
  return { block: { kind: 'paragraph', text: text.join('\n') }, next };
}

/** True when a block begins here although no blank line came before; a year that ends a sentence is not a list. */
function interrupts(lines: string[], at: number, depth: number): boolean {
  const line = lines[at] ?? '';
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line)) return true;
  if (depth < MAX_DEPTH) {
    const marker = MARKER.exec(line)?.[2];
    if (QUOTE.test(line) || (marker !== undefined && (!/\d/.test(marker) || parseInt(marker, 10) === 1)))
      return true;
  }
  return delimiterOf(lines, at) !== undefined;
}

function codeAt(lines: string[], at: number, fence: string): Parsed {
  const closing = new RegExp(`^ {0,3}${fence.charAt(0)}{${fence.length},} *$`);
  let end = at + 1;
  while (end < lines.length && !closing.test(lines[end] ?? '')) end += 1;
  return { block: { kind: 'code', text: lines.slice(at + 1, end).join('\n') }, next: end + 1 };
}

function quoteAt(lines: string[], at: number, depth: number): Parsed {
  let next = at;
  while (QUOTE.test(lines[next] ?? '')) next += 1;
  const inner = lines.slice(at, next).map((line) => line.replace(QUOTE, ''));
  return { block: { kind: 'quote', blocks: blocksOf(inner, depth + 1) }, next };
}

function listAt(lines: string[], at: number, depth: number): Parsed {
  const first = MARKER.exec(lines[at] ?? '')?.[2] ?? '-';
  const ordered = /\d/.test(first);
  const items: Block[][] = [];
  let next = at;
  for (;;) {
    const marker = MARKER.exec(lines[next] ?? '');
    if (!marker || /\d/.test(marker[2] ?? '') !== ordered || RULE.test(lines[next] ?? '')) break;
    const item = itemAt(lines, next, marker);
    items.push(blocksOf(item.lines, depth + 1));
    next = item.next;
  }
  return { block: { kind: 'list', ordered, start: ordered ? parseInt(first, 10) : 1, items }, next };
}

/** An item reaches over what is indented under it, and over blank lines if more of it or of its list follows. */
function itemAt(lines: string[], at: number, marker: RegExpExecArray) {
  const indent = (marker[1] ?? '').length;
  const width = marker[0].length;
  const own = [(lines[at] ?? '').slice(width)];
  let next = at + 1;
  while (next < lines.length) {
    const line = lines[next] ?? '';
    if (isBlank(line)) {
      let after = next + 1;
      while (after < lines.length && isBlank(lines[after])) after += 1;
      if (leading(lines[after] ?? '') <= indent)
        return { lines: own, next: MARKER.test(lines[after] ?? '') ? after : next };
      own.push(...lines.slice(next, after).map(() => ''));
      next = after;
    } else if (leading(line) > indent) {
      own.push(line.slice(Math.min(leading(line), width)));
      next += 1;
    } else {
      break;
    }
  }
  return { lines: own, next };
}

const leading = (line: string) => line.length - line.trimStart().length;

function tableAt(lines: string[], at: number): Parsed | undefined {
  const delimiter = delimiterOf(lines, at);
  if (delimiter === undefined) return undefined;
  const header = cellsOf(lines[at] ?? '');
  const rows: string[][] = [];
  let next = at + 2;
  while (!isBlank(lines[next]) && (lines[next] ?? '').includes('|')) {
    const cells = cellsOf(lines[next] ?? '');
    rows.push(header.map((_, column) => cells[column] ?? ''));
    next += 1;
  }
  const align = delimiter.map((cell): Align =>
    cell.endsWith(':') && !cell.startsWith(':') ? 'end' : 'start',
  );
  return { block: { kind: 'table', header, align, rows }, next };
}

/** The cells of the line under a table's header, if the line at `at` is such a header. */
function delimiterOf(lines: string[], at: number): string[] | undefined {
  const below = lines[at + 1] ?? '';
  if (!(lines[at] ?? '').includes('|') || !below.includes('-')) return undefined;
  const cells = cellsOf(below);
  const fits =
    cells.every((cell) => DELIMITER_CELL.test(cell)) && cells.length === cellsOf(lines[at] ?? '').length;
  return fits ? cells : undefined;
}

function cellsOf(line: string): string[] {
  const bare = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}
