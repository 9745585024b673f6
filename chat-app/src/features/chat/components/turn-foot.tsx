import { Icon } from '@/components/ui/icon';
import { IconButton } from '@/components/ui/icon-button';
import { useCitations } from '@/features/chat/citation-context';
import { CopyButton } from '@/features/chat/components/copy-button';
import { Feedback } from '@/features/chat/components/feedback';
import { citedNumbers, type Turn } from '@/features/chat/conversation';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

interface Props {
  turn: Turn;
  onRetry: ((turn: Turn) => void) | undefined;
  onEdit: ((turn: Turn) => void) | undefined;
}

/** The sources an answer names, what can be done with it, and, folded away, the sources that were read and not used. */
export function TurnFoot({ turn, onRetry, onEdit }: Props) {
  const cited = new Set(citedNumbers(turn.answer));
  const used = turn.sources.filter(({ n }) => cited.has(n));
  const unused = turn.sources.filter(({ n }) => !cited.has(n));
  return (
    <footer className="fade-in mt-6">
      {used.length > 0 && (
        <div role="group" aria-label={t('sources.title')}>
          <Rows sources={used} />
        </div>
      )}
      <div className="-ms-2.5 mt-2 flex flex-wrap items-start">
        {turn.answer !== '' && <CopyButton turn={turn} sources={used} />}
        {onEdit && (
          <IconButton
            icon="edit"
            label={t('turn.edit')}
            onClick={() => {
              onEdit(turn);
            }}
          />
        )}
        {onRetry && (
          <IconButton
            icon="retry"
            label={t('turn.retry')}
            onClick={() => {
              onRetry(turn);
            }}
          />
        )}
        {turn.messageId !== '' && onEdit && turn.answer !== '' && <Feedback messageId={turn.messageId} />}
        {unused.length > 0 && (
          <details className="group min-w-0 open:basis-full">
            <summary className="flex min-h-10 w-fit list-none cursor-pointer items-center rounded-[6px] px-2.5 text-[0.9375rem] text-ink-soft hover:bg-well hover:text-ink">
              <Icon
                name="next"
                className="me-1 size-4 transition-transform duration-(--quick) group-open:rotate-90 rtl:not-group-open:rotate-180"
              />
              {used.length > 0
                ? t('sources.more', { count: unused.length })
                : t('sources.read', { count: unused.length })}
            </summary>
            <div className="ms-2.5">
              <Rows sources={unused} />
            </div>
          </details>
        )}
      </div>
    </footer>
  );
}

function Rows({ sources }: { sources: Source[] }) {
  const { onOpen, openNumber } = useCitations();
  return (
    <ol className="divide-y divide-rule border-y border-rule">
      {sources.map((source) => (
        <li key={source.n}>
          <button
            type="button"
            aria-expanded={openNumber === source.n}
            className="flex w-full items-baseline gap-3 px-1 py-2.5 text-start hover:bg-sheet aria-expanded:bg-sheet"
            onClick={() => {
              onOpen(source);
            }}
          >
            <span className="sr-only">{t('sources.source')} </span>
            <span className="citation m-0">{source.n}</span>
            <span className="min-w-0 flex-1 wrap-anywhere sm:flex sm:flex-wrap sm:justify-between sm:gap-x-6">
              <span className="font-semibold" dir="auto">
                {source.file}
              </span>
              <span className="block text-[0.9375rem] text-ink-soft sm:text-end">
                {describeLocator(source.locator)}
              </span>
              {source.superseded_by && (
                <span className="block basis-full text-[0.9375rem] text-danger" dir="auto">
                  {t('sources.superseded', { file: source.superseded_by })}
                </span>
              )}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
