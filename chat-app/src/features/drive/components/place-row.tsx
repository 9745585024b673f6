import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Icon } from '@/components/ui/icon';
import { placeQueryOptions, type Place } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { AskThis } from '@/features/drive/components/ask-this';
import { moveAmongRows } from '@/features/drive/move-among-rows';
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
        <button
          type="button"
          data-row
          aria-expanded={open}
          className="tree-row min-w-0 flex-1 text-start"
          onKeyDown={moveAmongRows}
          onPointerEnter={fetchAhead}
          onFocus={fetchAhead}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <Icon
            name="next"
            className={`size-4 transition-transform duration-(--quick) ${open ? 'rotate-90' : 'rtl:rotate-180'}`}
          />
          <Icon name="drive" className="size-4.5 text-ink-soft" />
          <span className="truncate" dir="auto">
            {name}
          </span>
        </button>
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
