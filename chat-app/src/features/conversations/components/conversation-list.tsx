import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { SearchField } from '@/components/ui/search-field';
import { Skeleton } from '@/components/ui/skeleton';
import { conversationsQueryOptions } from '@/features/conversations/api/get-conversations';
import { ConversationRow } from '@/features/conversations/components/conversation-row';
import { t } from '@/lib/messages';
import { useSettled } from '@/lib/use-settled';

interface Props {
  /** The conversation that is open; undefined for none. */
  openId: string | undefined;
  /** One was chosen: where the list lies over the page, it can go. */
  onChosen: () => void;
  /** The open one was deleted. */
  onOpenDeleted: () => void;
}

/** One's own conversations, newest first, and a search in their titles and questions. */
export function ConversationList({ openId, onChosen, onOpenDeleted }: Props) {
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim());
  const listed = useInfiniteQuery({ ...conversationsQueryOptions(words), placeholderData: keepPreviousData });
  const entries = listed.data?.pages.flatMap((page) => page.conversations);
  if (entries?.length === 0 && typed === '') return null;
  return (
    <section aria-label={t('conversations.title')} className="flex min-h-0 flex-col">
      <div className="px-3 pb-2">
        <SearchField label={t('conversations.search')} value={typed} onChange={setTyped} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 pb-2" role="group" tabIndex={-1}>
        {entries === undefined ? (
          listed.isError ? (
            <div className="px-2.5 text-[0.9375rem]">
              <p className="text-ink-soft">{t('conversations.failed')}</p>
              <Button variant="quiet" className="-ms-2.5" onClick={() => void listed.refetch()}>
                {t('app.tryAgain')}
              </Button>
            </div>
          ) : (
            <div className="px-2.5 pt-3">
              <Skeleton label={t('app.loading')} lines={5} />
            </div>
          )
        ) : entries.length === 0 ? (
          <p role="status" className="px-2.5 py-2 text-[0.9375rem] text-ink-soft">
            {t('conversations.nothingFound')}
          </p>
        ) : (
          <ul>
            {entries.map((entry) => (
              <ConversationRow
                key={entry.id}
                entry={entry}
                open={entry.id === openId}
                onChosen={onChosen}
                onDeleted={() => {
                  if (entry.id === openId) onOpenDeleted();
                }}
              />
            ))}
          </ul>
        )}
        {listed.hasNextPage && (
          <Button
            variant="quiet"
            disabled={listed.isFetchingNextPage}
            onClick={() => void listed.fetchNextPage()}
          >
            {t('app.more')}
          </Button>
        )}
      </div>
    </section>
  );
}
