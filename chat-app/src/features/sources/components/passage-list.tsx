import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { Skeleton } from '@/components/ui/skeleton';
import { passagesQueryOptions, type Passage } from '@/features/sources/api/get-passages';
import { PassageText } from '@/features/sources/components/passage-text';
import { describeLocator, samePlace } from '@/lib/locator';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';
import type { Source } from '@/lib/wire';

/** How many neighbours on each side: at first, and when more is asked for. */
const SPANS = [3, 10, 20] as const;

/** The cited passage between its neighbours. */
export function PassageList({ source }: { source: Source }) {
  const [span, setSpan] = useState<number>(SPANS[0]);
  const passages = useQuery({
    ...passagesQueryOptions(source.file_id, source.passage_id, span),
    placeholderData: keepPreviousData,
  });
  if (passages.isPending) return <Skeleton label={t('source.opening')} lines={9} />;
  if (passages.isError) {
    const problem = asProblem(passages.error);
    return (
      <>
        <ProblemNote problem={problem} />
        {problem.status !== 404 && (
          <Button className="mt-3" variant="outline" onClick={() => void passages.refetch()}>
            {t('app.tryAgain')}
          </Button>
        )}
      </>
    );
  }
  const list = passages.data.passages;
  const wider = SPANS.find((next) => next > span);
  return (
    <>
      <ol className="fade-in space-y-5">
        {list.map((passage, at) => (
          <PassageItem
            key={passage.passage_id}
            passage={passage}
            before={list[at - 1]}
            quote={source.quote}
          />
        ))}
      </ol>
      {wider !== undefined && list.length > span && (
        <Button
          variant="quiet"
          className="mt-4"
          aria-disabled={passages.isFetching}
          onClick={() => {
            setSpan(wider);
          }}
        >
          {t('source.more')}
        </Button>
      )}
    </>
  );
}

function PassageItem({
  passage,
  before,
  quote,
}: {
  passage: Passage;
  before: Passage | undefined;
  quote: string;
}) {
  const { cited, locator, text } = passage;
  const place = describeLocator(locator);
  const placeChanges = before === undefined || !samePlace(before.locator, locator);
  return (
    <li
      ref={cited ? scrollToMiddle : undefined}
      aria-current={cited ? 'true' : undefined}
      className={cited ? 'border-s-4 border-marker-line ps-4' : 'ps-5 text-ink-soft'}
    >
      {placeChanges && place && <p className="mb-1 text-sm text-ink-soft">{place}</p>}
      {cited && <span className="sr-only">{t('source.cited')}</span>}
      <PassageText text={text} quote={cited ? quote : undefined} />
    </li>
  );
}

/** Brings the passage to the middle of its pane, without moving the page. */
function scrollToMiddle(item: HTMLElement | null) {
  const pane = item?.closest('[data-scroller]');
  if (!item || !pane) return;
  const above = item.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += above - Math.max(24, (pane.clientHeight - item.offsetHeight) / 2);
}
