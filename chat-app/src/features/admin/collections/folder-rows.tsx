import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { TreeRow } from '@/components/ui/tree-row';
import { Loaded } from '@/features/admin/components/loaded';
import { placesQueryOptions, type Place } from '@/features/admin/collections/get-places';
import { t } from '@/lib/messages';

export interface Chosen {
  id: string;
  name: string;
}

interface Props {
  /** The folder whose folders are listed; empty where one begins. */
  folderId: string;
  chosenId: string;
  onChoose: (chosen: Chosen) => void;
}

/** The folders in a folder; each opens to those in it, and can be chosen. */
export function FolderRows({ folderId, chosenId, onChoose }: Props) {
  const listed = useInfiniteQuery(placesQueryOptions(folderId));
  return (
    <Loaded query={listed} lines={folderId === '' ? 5 : 2}>
      {({ pages }) => {
        const places = pages.flatMap((page) => page.folders);
        return (
          <>
            {places.length === 0 && (
              <p className="px-2 py-1.5 text-[0.9375rem] text-ink-soft">{t('admin.add.noFolders')}</p>
            )}
            <ul>
              {places.map((place) => (
                <FolderRow key={place.id} place={place} chosenId={chosenId} onChoose={onChoose} />
              ))}
            </ul>
            {listed.hasNextPage && (
              <Button
                variant="quiet"
                aria-disabled={listed.isFetchingNextPage}
                onClick={() => void listed.fetchNextPage()}
              >
                {t('app.more')}
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function FolderRow({ place, chosenId, onChoose }: { place: Place } & Omit<Props, 'folderId'>) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const { id, name, kind } = place;
  const chosen = id === chosenId;
  return (
    <li>
      <div className="flex items-center">
        <TreeRow
          name={kind === 'folder' ? name : `${name} · ${t(`admin.place.${kind}`)}`}
          open={open}
          onNear={() => {
            queries.infiniteQuery(placesQueryOptions(id)).catch(() => undefined);
          }}
          onToggle={() => {
            setOpen(!open);
          }}
        />
        <button
          type="button"
          aria-pressed={chosen}
          aria-label={chosen ? t('admin.add.chosenName', { name }) : t('admin.add.chooseName', { name })}
          className="min-h-9 shrink-0 rounded-[6px] px-2.5 text-sm font-semibold text-accent hover:bg-well hover:text-accent-hover aria-pressed:bg-accent aria-pressed:text-on-accent"
          onClick={() => {
            onChoose({ id, name });
          }}
        >
          {chosen ? t('admin.add.chosen') : t('admin.add.choose')}
        </button>
      </div>
      {open && (
        <div className="tree-inside">
          <FolderRows folderId={id} chosenId={chosenId} onChoose={onChoose} />
        </div>
      )}
    </li>
  );
}
