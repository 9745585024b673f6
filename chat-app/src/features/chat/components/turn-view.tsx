import { useCallback, useMemo } from 'react';

import { Skeleton } from '@/components/ui/skeleton';
import { AnswerText } from '@/features/chat/components/answer/answer-text';
import { NearestDocuments } from '@/features/chat/components/nearest-documents';
import { SourceList } from '@/features/chat/components/source-list';
import { TurnEnd } from '@/features/chat/components/turn-end';
import { CitationContext } from '@/features/chat/citation-context';
import { isLive, type Turn } from '@/features/chat/conversation';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  turn: Turn;
  /** True for the newest turn, which is given room to begin at the top of the window. */
  last: boolean;
  openNumber: number | undefined;
  onOpenSource: (turnId: string, source: Source) => void;
  onRetry: (turn: Turn) => void;
}

/** A question and what became of it. */
export function TurnView({ turn, last, openNumber, onOpenSource, onRetry }: Props) {
  const { id, sources, status, answer } = turn;
  const live = isLive(turn);
  const onOpen = useCallback(
    (source: Source) => {
      onOpenSource(id, source);
    },
    [id, onOpenSource],
  );
  const citations = useMemo(() => ({ sources, openNumber, onOpen }), [sources, openNumber, onOpen]);
  const answered = status.kind === 'answered' ? status : undefined;

  return (
    <CitationContext value={citations}>
      <article
        ref={last ? scrollToStart : undefined}
        aria-labelledby={`question-${id}`}
        className={`scroll-mt-(--bar-height) pt-8 ${last ? 'min-h-[calc(100dvh-var(--bar-height)-7.5rem)]' : 'pb-4'}`}
      >
        <h2
          id={`question-${id}`}
          dir="auto"
          className="border-t-2 border-ink pt-4 text-[1.375rem] leading-snug font-bold wrap-anywhere"
        >
          {turn.question}
        </h2>
        {turn.understood && (
          <p className="mt-1.5 text-[0.9375rem] text-ink-soft">
            {t('turn.understood')} <span dir="auto">{t('turn.quoted', { text: turn.understood })}</span>
          </p>
        )}
        <div className="mt-4" aria-live="polite" aria-busy={live}>
          {answered?.declined && <Label dashed text={t('turn.declined')} />}
          {answered?.degraded && (
            <>
              <Label text={t('turn.degraded')} />
              <p className="mb-4 text-ink-soft">{t('turn.degradedText')}</p>
            </>
          )}
          {status.kind === 'searching' && <Skeleton label={t('turn.searching')} lines={3} />}
          {answer !== '' && <AnswerText text={answer} open={live} />}
          {answered?.declined && <NearestDocuments documents={answered.nearest} />}
          <TurnEnd turn={turn} onRetry={onRetry} />
        </div>
        {!live && answer !== '' && !answered?.declined && <SourceList turn={turn} />}
      </article>
    </CitationContext>
  );
}

function Label({ text, dashed = false }: { text: string; dashed?: boolean }) {
  return (
    <p
      className={`mb-3 inline-block border px-2 py-0.5 text-[0.9375rem] font-bold ${dashed ? 'border-dashed border-ink-soft' : 'border-ink'}`}
    >
      {text}
    </p>
  );
}

/** A new question comes to the top of the window once; after that the page stays where the reader leaves it. */
function scrollToStart(article: HTMLElement | null) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  article?.scrollIntoView({ block: 'start', behavior: calm ? 'instant' : 'smooth' });
}
