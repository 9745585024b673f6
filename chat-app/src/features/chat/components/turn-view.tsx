import { memo, useCallback, useMemo } from 'react';

import { Skeleton } from '@/components/ui/skeleton';
import { AnswerText } from '@/features/chat/components/answer/answer-text';
import { AnswerLabels } from '@/features/chat/components/answer-labels';
import { Conflicts } from '@/features/chat/components/conflicts';
import { NearestDocuments } from '@/features/chat/components/nearest-documents';
import { TurnEnd } from '@/features/chat/components/turn-end';
import { TurnFoot } from '@/features/chat/components/turn-foot';
import { CitationContext } from '@/features/chat/citation-context';
import { isLive, type Turn } from '@/features/chat/conversation';
import { markUnsupported } from '@/features/chat/mark-unsupported';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  turn: Turn;
  /** True for the newest turn, which is given room to begin at the top of the window. */
  last: boolean;
  openNumber: number | undefined;
  onOpenSource: (turnId: string, source: Source) => void;
  /** Undefined where nothing can be asked: while an answer comes, and in what a colleague shared. */
  onRetry: ((turn: Turn) => void) | undefined;
  onEdit?: (turn: Turn) => void;
}

/** A question and what became of it; drawn again only when that changes. */
export const TurnView = memo(function TurnView(props: Props) {
  const { turn, last, openNumber, onOpenSource, onRetry, onEdit } = props;
  const { id, sources, status, answer, unsupported } = turn;
  const live = isLive(turn);
  const onOpen = useCallback(
    (source: Source) => {
      onOpenSource(id, source);
    },
    [id, onOpenSource],
  );
  const byNumber = useMemo(() => new Map(sources.map((source) => [source.n, source])), [sources]);
  const citations = useMemo(() => ({ byNumber, openNumber, onOpen }), [byNumber, openNumber, onOpen]);
  const text = useMemo(() => markUnsupported(answer, unsupported), [answer, unsupported]);
  const declined = status.kind === 'answered' && status.declined;

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
        {turn.scope && (
          <p className="mt-1.5 text-[0.9375rem] text-ink-soft" dir="auto">
            {t('turn.scope', { name: turn.scope })}
          </p>
        )}
        {turn.understood && (
          <p className="mt-1.5 text-[0.9375rem] text-ink-soft">
            {t('turn.understood')} <span dir="auto">{t('turn.quoted', { text: turn.understood })}</span>
          </p>
        )}
        <div className="mt-4" aria-live="polite" aria-busy={live}>
          {status.kind === 'answered' && <AnswerLabels status={status} />}
          {status.kind === 'searching' && <Skeleton label={t('turn.searching')} lines={3} />}
          {answer !== '' && <AnswerText text={text} open={live} />}
          {unsupported.length > 0 && !live && (
            <p className="mt-4 text-[0.9375rem] text-ink-soft">
              <span className="unsupported">{t('turn.unsupportedMark')}</span> {t('turn.unsupportedText')}
            </p>
          )}
          {status.kind === 'answered' && <Conflicts conflicts={status.conflicts} />}
          {declined && <NearestDocuments documents={status.nearest} />}
          <TurnEnd turn={turn} onRetry={onRetry} onEdit={onEdit} />
        </div>
        {status.kind === 'answered' && <TurnFoot turn={turn} onRetry={onRetry} onEdit={onEdit} />}
      </article>
    </CitationContext>
  );
});

/** A new question comes to the top of the window once; after that the page stays where the reader leaves it. */
function scrollToStart(article: HTMLElement | null) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  article?.scrollIntoView({ block: 'start', behavior: calm ? 'instant' : 'smooth' });
}
