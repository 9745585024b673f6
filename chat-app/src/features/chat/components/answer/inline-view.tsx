import { Fragment, type ReactNode } from 'react';

import { useCitations } from '@/features/chat/citation-context';
import { Citation } from '@/features/chat/components/answer/citation';
import { tieCitations, type Tied } from '@/features/chat/components/answer/tie-citations';
import { cutAtMarks } from '@/features/chat/mark-unsupported';
import { parseInline, type Inline } from '@/lib/markdown/inline';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

/** A line of an answer. `open` says that more of it is still to come. */
export function InlineText({ text, open }: { text: string; open: boolean }) {
  const { sources } = useCitations();
  const numbered = new Map(sources.map((source) => [source.n, source]));
  const pieces = cutAtMarks(text);
  return pieces.map((piece, at) => {
    const inside = view(parseInline(piece.text, open && at === pieces.length - 1), numbered);
    return piece.unsupported ? (
      <span key={at} className="unsupported">
        <span className="sr-only">{t('answer.unsupported')} </span>
        {inside}
      </span>
    ) : (
      <Fragment key={at}>{inside}</Fragment>
    );
  });
}

function view(inlines: Inline[], sources: ReadonlyMap<number, Source>): ReactNode {
  return tieCitations(inlines, (n) => sources.has(n)).map((inline, at) => (
    // The place in the line is the identity: text only ever grows at its end.
    <Fragment key={at}>{viewOne(inline, sources)}</Fragment>
  ));
}

function viewOne(inline: Inline | Tied, sources: ReadonlyMap<number, Source>): ReactNode {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code>{inline.text}</code>;
    case 'break':
      return <br />;
    case 'strong':
      return <strong>{view(inline.children, sources)}</strong>;
    case 'emphasis':
      return <em>{view(inline.children, sources)}</em>;
    case 'tied':
      return (
        <span className="whitespace-nowrap">
          {inline.word}
          {[...new Set(inline.numbers)].map((number) => {
            const source = sources.get(number);
            return source && <Citation key={number} source={source} />;
          })}
          {inline.tail}
        </span>
      );
    case 'citation':
      return `[${inline.numbers.join(', ')}]`;
  }
}
