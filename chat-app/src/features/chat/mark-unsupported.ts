/**
 * Marks the stretches of an answer that no source supports, so that they are still marked when the text has been cut
 * into blocks and lines. The marks are two characters that no text can bring along: they are taken out of it first.
 */
import type { Stretch } from '@/lib/wire';

export const OPEN = '\uE000';
export const SHUT = '\uE001';

const FOREIGN = /[\uE000\uE001]/g;
/** What a line may begin with that is structure, not text. */
const STRUCTURE = /^(?:\s|>|#{1,6} |[-*+] |\d{1,9}[.)] )*/;

/** The answer with every line (in a table: every cell) of each stretch between OPEN and SHUT. */
export function markUnsupported(answer: string, stretches: readonly Stretch[]): string {
  const clean = answer.replace(FOREIGN, '\uFFFD');
  if (stretches.length === 0) return clean;
  const characters = Array.from(clean);
  let marked = '';
  let at = 0;
  for (const { start, end } of [...stretches].sort((one, other) => one.start - other.start)) {
    if (start < at || end <= start) continue;
    marked += characters.slice(at, start).join('');
    marked += characters.slice(start, end).join('').split('\n').map(markLine).join('\n');
    at = end;
  }
  return marked + characters.slice(at).join('');
}

function markLine(line: string): string {
  if (/^\s*\|/.test(line)) {
    return line
      .split('|')
      .map((cell) => (cell.trim() === '' || /^\s*:?-+:?\s*$/.test(cell) ? cell : around(cell)))
      .join('|');
  }
  const structure = STRUCTURE.exec(line)?.[0] ?? '';
  const text = line.slice(structure.length);
  return text.trim() === '' ? line : structure + around(text);
}

/** The text between marks, its outer spaces outside. */
const around = (text: string) => text.replace(/\S(?:[^]*\S)?/, (inner) => OPEN + inner + SHUT);

/** A line's text cut at the marks. A mark that is not closed, as while text streams in, reaches to the end. */
export function cutAtMarks(text: string): { text: string; unsupported: boolean }[] {
  return text
    .split(/(\uE000[^\uE001]*\uE001?)/)
    .filter((piece) => piece !== '')
    .map((piece) => ({
      text: piece.replace(FOREIGN, ''),
      unsupported: piece.startsWith(OPEN),
    }));
}
