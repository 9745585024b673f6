import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { Button } from '@/components/ui/button';
import { Skeleton } from '@/components/ui/skeleton';
import { placeQueryOptions, prefetchFolders, type Place } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { TreeItems } from '@/features/drive/components/tree-items';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

interface Props {
  place: Place;
  chosenId: string;
  onChoose: Choose;
}

/** What a collection or folder holds. The folders in it are fetched ahead, all in one request. */
export function PlaceItems({ place, chosenId, onChoose }: Props) {
  const queries = useQueryClient();
  const listed = useInfiniteQuery(placeQueryOptions(place));
  const items = listed.data?.pages.flatMap((page) => page.items);
  useEffect(() => {
    const folders = (items ?? []).filter((item) => item.kind === 'folder');
    void prefetchFolders(queries, folders);
    // Once for each listing that came, not for each drawing of it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [listed.dataUpdatedAt, queries]);

  if (items === undefined) {
    return (
      <div className="tree-inside py-2">
        {listed.isError ? (
          <p role="alert" className="px-2 text-[0.9375rem] text-danger">
            {asProblem(listed.error).title}
          </p>
        ) : (
          <Skeleton label={t('app.loading')} lines={2} />
        )}
      </div>
    );
  }
  return (
    <div className="tree-inside">
      {items.length === 0 && (
        <p className="px-2 py-1.5 text-[0.9375rem] text-ink-soft">{t('drive.emptyFolder')}</p>
      )}
      <TreeItems items={items} chosenId={chosenId} onChoose={onChoose} />
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
  );
}
