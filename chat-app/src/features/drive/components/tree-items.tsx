import type { TreeItem } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { FileRow } from '@/features/drive/components/file-row';
import { PlaceRow } from '@/features/drive/components/place-row';

interface Props {
  items: readonly TreeItem[];
  chosenId: string;
  onChoose: Choose;
}

/** Folders and files, as they were listed. */
export function TreeItems({ items, chosenId, onChoose }: Props) {
  return (
    <ul>
      {items.map((item) =>
        item.kind === 'folder' ? (
          <PlaceRow
            key={item.id}
            kind="folder"
            id={item.id}
            name={item.name}
            chosenId={chosenId}
            onChoose={onChoose}
          />
        ) : (
          <FileRow key={item.id} file={item} chosen={chosenId === item.id} onChoose={onChoose} />
        ),
      )}
    </ul>
  );
}
