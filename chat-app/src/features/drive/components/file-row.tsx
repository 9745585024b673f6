import { Icon } from '@/components/ui/icon';
import { moveAmongRows } from '@/components/ui/move-among-rows';
import type { FileItem } from '@/features/drive/api/get-folder';
import type { Choose } from '@/features/drive/choose';
import { AskThis } from '@/features/drive/components/ask-this';
import { t } from '@/lib/messages';
import { safeLink } from '@/lib/safe-link';

interface Props {
  file: FileItem;
  chosen: boolean;
  onChoose: Choose;
}

/** A file: opens in Drive, can be asked whole, or says why it cannot. */
export function FileRow({ file, chosen, onChoose }: Props) {
  const { id, name, state, reason } = file;
  const read = state === 'indexed' || state === 'partial';
  const address = safeLink(file.link);
  return (
    <li className="flex items-center">
      <span className="tree-row min-w-0 flex-1 ps-8">
        <Icon name="file" className="size-4.5 text-ink-soft" />
        <span className="min-w-0">
          {address === undefined ? (
            <span className="block truncate" dir="auto">
              {name}
            </span>
          ) : (
            <a
              data-row
              onKeyDown={moveAmongRows}
              href={address}
              target="_blank"
              rel="noreferrer"
              className="block truncate hover:underline"
              dir="auto"
            >
              {name}
              <span className="sr-only"> {t('app.newTab')}</span>
            </a>
          )}
          {state !== 'indexed' && (
            <span className="block text-sm text-ink-soft">{reason === '' ? t('drive.notRead') : reason}</span>
          )}
        </span>
      </span>
      {read && (
        <AskThis
          name={name}
          chosen={chosen}
          onAsk={() => {
            onChoose({ kind: 'file', id, name });
          }}
        />
      )}
    </li>
  );
}
