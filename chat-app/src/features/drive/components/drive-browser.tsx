import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { ProblemNote } from '@/components/ui/problem-note';
import { SearchField } from '@/components/ui/search-field';
import { Skeleton } from '@/components/ui/skeleton';
import { collectionsQueryOptions } from '@/features/drive/api/get-collections';
import { FoundNames } from '@/features/drive/components/found-names';
import { PlaceRow } from '@/features/drive/components/place-row';
import type { Choose } from '@/features/drive/choose';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';
import { useSettled } from '@/lib/use-settled';

interface Props {
  /** The id of what is chosen; empty for nothing. */
  chosenId: string;
  onChoose: Choose;
  /** True where it scrolls within a dialog, false where the page scrolls. */
  inDialog?: boolean;
}

/** The person's part of Drive as a tree of collections, folders and files, and a search by name. */
export function DriveBrowser({ chosenId, onChoose, inDialog = false }: Props) {
  const collections = useQuery(collectionsQueryOptions());
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim());
  return (
    <>
      <div className={inDialog ? 'px-5 pt-3' : ''}>
        <SearchField label={t('drive.search')} value={typed} onChange={setTyped} />
      </div>
      <div
        className={inDialog ? 'min-h-0 flex-1 overflow-y-auto overscroll-contain px-3 py-3' : 'mt-4 -ms-2'}
        data-tree
        role="group"
        aria-label={t('drive.tree')}
      >
        {words !== '' ? (
          <FoundNames words={words} chosenId={chosenId} onChoose={onChoose} />
        ) : collections.isPending ? (
          <Skeleton label={t('app.loading')} lines={5} />
        ) : collections.isError ? (
          <ProblemNote problem={asProblem(collections.error)} />
        ) : collections.data.length === 0 ? (
          <p className="p-2 text-ink-soft">{t('drive.empty')}</p>
        ) : (
          <ul>
            {collections.data.map(({ id, name }) => (
              <PlaceRow
                key={id}
                kind="collection"
                id={id}
                name={name}
                chosenId={chosenId}
                onChoose={onChoose}
                openAtFirst={collections.data.length === 1}
              />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
