import { Fragment, memo } from 'react';

import { useCitations } from '@/features/chat/citation-context';
import { Citation } from '@/features/chat/components/answer/citation';
import { tieCitations, type Tied } from '@/features/chat/components/answer/tie-citations';
import { cutAtMarks } from '@/features/chat/mark-unsupported';
import { parseInline, type Inline } from '@/lib/markdown/inline';
import { t } from '@/lib/messages';

/** So many pieces of a line are drawn again together when it grows. */
const STRETCH = 24;

/** A line of an answer. `open` says that more of it is still to come. */
export const InlineText = memo(function InlineText({ text, open }: { text: string; open: boolean }) {
  const pieces = cutAtMarks(text);
  return pieces.map((piece, at) => {
    const inside = <Inlines inlines={parseInline(piece.text, open && at === pieces.length - 1)} />;
    return piece.unsupported ? (
      <span key={at} className="unsupported">
        <span className="sr-only">{t('answer.unsupported')} </span>
        {inside}
      </span>
    ) : (
      <Fragment key={at}>{inside}</Fragment>
    );
  });
});

function Inlines({ inlines }: { inlines: Inline[] }) {
  const { byNumber } = useCitations();
  const tied = tieCitations(inlines, (n) => byNumber.has(n));
  const stretches = Array.from({ length: Math.ceil(tied.length / STRETCH) }, (_, at) =>
    tied.slice(at * STRETCH, (at + 1) * STRETCH),
  );
  // The place in the line is the identity: text only ever grows at its end.
  return stretches.map((stretch, at) => <Stretch key={at} inlines={stretch} />);
}

const Stretch = memo(
  function Stretch({ inlines }: { inlines: (Inline | Tied)[] }) {
    return inlines.map((inline, at) => <InlineView key={at} inline={inline} />);
  },
  (before, after) => JSON.stringify(before.inlines) === JSON.stringify(after.inlines),
);

function InlineView({ inline }: { inline: Inline | Tied }) {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code>{inline.text}</code>;
    case 'break':
      return <br />;
    case 'strong':
      return (
        <strong>
          <Inlines inlines={inline.children} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Inlines inlines={inline.children} />
        </em>
      );
    case 'tied':
      return <TiedView tied={inline} />;
    case 'citation':
      return `[${inline.numbers.join(', ')}]`;
  }
}

function TiedView({ tied }: { tied: Tied }) {
  const { byNumber } = useCitations();
  return (
    <span className="whitespace-nowrap">
      {tied.word}
      {[...new Set(tied.numbers)].map((number) => {
        const source = byNumber.get(number);
        return source && <Citation key={number} source={source} />;
      })}
      {tied.tail}
    </span>
  );
}
