import { findQuote } from '@/features/sources/find-quote';
import { t } from '@/lib/messages';

interface Props {
  text: string;
  /** What to mark; undefined marks nothing. A quote that is not found as it stands marks the whole passage. */
  quote: string | undefined;
}

/** Cells up to this many characters, such as article numbers, do not break. */
const SHORT_CELL = 12;

type Part = { kind: 'lines'; start: number; end: number } | { kind: 'rows'; start: number; rows: string[] };

/** A passage of a document, as its extractor wrote it: prose line by line, tables as rows of " | " cells. */
export function PassageText({ text, quote }: Props) {
  const marked: [number, number] =
    quote === undefined ? [0, 0] : (findQuote(text, quote) ?? [0, text.length]);
  return (
    <div className="passage leading-relaxed" dir="auto">
      {partsOf(text).map((part) =>
        part.kind === 'rows' ? (
          <Rows key={part.start} start={part.start} rows={part.rows} marked={marked} />
        ) : (
          <Marked key={part.start} text={text} start={part.start} end={part.end} marked={marked} />
        ),
      )}
    </div>
  );
}

function Marked({
  text,
  start,
  end,
  marked,
}: {
  text: string;
  start: number;
  end: number;
  marked: [number, number];
}) {
  const from = Math.min(Math.max(marked[0], start), end);
  const to = Math.max(Math.min(marked[1], end), from);
  return (
    <p>
      {text.slice(start, from)}
      {to > from && <mark>{text.slice(from, to)}</mark>}
      {text.slice(to, end)}
    </p>
  );
}

function Rows({ start, rows, marked }: { start: number; rows: string[]; marked: [number, number] }) {
  const offsets = rows.map((_, at) => rows.slice(0, at).reduce((sum, row) => sum + row.length + 1, start));
  return (
    <div className="scroll-x my-2" tabIndex={0} role="group" aria-label={t('source.table')}>
      <table className="grid-table whitespace-normal">
        <tbody>
          {rows.map((row, at) => {
            const offset = offsets[at] ?? start;
            const isMarked = offset < marked[1] && offset + row.length > marked[0];
            return (
              <tr key={offset} className={isMarked ? 'marked' : undefined}>
                {row.split(' | ').map((cell, column) => (
                  <td key={column} className={cell.length <= SHORT_CELL ? 'short' : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Cuts a text into prose and tables; a table is two or more lines of cells that follow each other. */
function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    const last = parts.at(-1);
    if (line.includes(' | ')) {
      if (last?.kind === 'rows') last.rows.push(line);
      else parts.push({ kind: 'rows', start: offset, rows: [line] });
    } else if (last?.kind === 'lines') {
      last.end = offset + line.length;
    } else {
      parts.push({ kind: 'lines', start: offset, end: offset + line.length });
    }
    offset += line.length + 1;
  }
  return parts.map((part) =>
    part.kind === 'rows' && part.rows.length === 1
      ? { kind: 'lines', start: part.start, end: part.start + (part.rows[0]?.length ?? 0) }
      : part,
  );
}
