import { Icon } from '@/components/ui/icon';
import { CopyButton } from '@/features/chat/components/copy-button';
import { useCitations } from '@/features/chat/citation-context';
import { citedNumbers, type Turn } from '@/features/chat/conversation';
import { describeLocator } from '@/lib/locator';
import { t } from '@/lib/messages';
import type { Source } from '@/lib/wire';

/** The sources an answer names, and, folded away, those that were read and not used. */
export function SourceList({ turn }: { turn: Turn }) {
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
      <div className="mt-2 flex flex-wrap items-start gap-x-2">
        <CopyButton turn={turn} sources={used} />
        {unused.length > 0 && (
          <details className="group min-w-0 grow -ms-2.5 open:basis-full sm:ms-0">
            <summary className="flex min-h-10 w-fit list-none cursor-pointer items-center rounded-[6px] px-2.5 text-[0.9375rem] text-ink-soft hover:bg-well hover:text-ink">
              <Icon
                name="next"
                className="me-1 size-4 transition-transform duration-(--quick) group-open:rotate-90"
              />
              {countOf(unused.length, used.length > 0)}
            </summary>
            <Rows sources={unused} />
          </details>
        )}
      </div>
    </footer>
  );
}

function countOf(count: number, more: boolean): string {
  return more ? t('sources.more', { count }) : t('sources.read', { count });
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
            <span className="min-w-0 flex-1 wrap-anywhere sm:flex sm:justify-between sm:gap-6">
              <span className="font-semibold">{source.file}</span>
              <span className="block text-[0.9375rem] text-ink-soft sm:text-end">
                {describeLocator(source.locator)}
              </span>
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
