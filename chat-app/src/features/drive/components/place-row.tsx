import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { TreeRow } from '@/components/ui/tree-row';
import { placeQueryOptions, type Place } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { AskThis } from '@/features/drive/components/ask-this';
import { PlaceItems } from '@/features/drive/components/place-items';

interface Props {
  kind: 'collection' | 'folder';
  id: string;
  name: string;
  chosenId: string;
  onChoose: Choose;
  openAtFirst?: boolean;
}

/** A collection or folder: opens to what it holds, and can be asked. Its content is fetched when the pointer comes near. */
export function PlaceRow({ kind, id, name, chosenId, onChoose, openAtFirst = false }: Props) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(openAtFirst);
  const place: Place = kind === 'folder' ? { folder_id: id } : { collection: id };
  const fetchAhead = () => {
    queries.infiniteQuery(placeQueryOptions(place)).catch(() => undefined);
  };
  return (
    <li>
      <div className="group/row flex items-center">
        <TreeRow
          name={name}
          open={open}
          onNear={fetchAhead}
          onToggle={() => {
            setOpen(!open);
          }}
        />
        <AskThis
          name={name}
          chosen={chosenId === id}
          onAsk={() => {
            onChoose({ kind, id, name });
          }}
        />
      </div>
      {open && <PlaceItems place={place} chosenId={chosenId} onChoose={onChoose} />}
    </li>
  );
}
