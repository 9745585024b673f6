import { Menu } from '@base-ui/react/menu';
import { useState } from 'react';

import { Icon, type IconName } from '@/components/ui/icon';
import { exportConversation } from '@/features/conversations/api/change-conversation';
import type { ConversationEntry } from '@/features/conversations/api/get-conversations';
import { DeleteDialog } from '@/features/conversations/components/delete-dialog';
import { MoreButton } from '@/features/conversations/components/more-button';
import { ShareDialog } from '@/features/conversations/components/share-dialog';
import { t } from '@/lib/messages';
import { fileNameOf, saveFile } from '@/lib/save-file';

interface Props {
  entry: ConversationEntry;
  onRename: () => void;
  onDeleted: () => void;
}

/** What can be done with a conversation, open from the start: it is made by the first press of its button. */
export function ConversationMenu({ entry, onRename, onDeleted }: Props) {
  const [host, setHost] = useState<HTMLElement | null>(null);
  const [dialog, setDialog] = useState<'share' | 'delete'>();
  const close = () => {
    setDialog(undefined);
  };
  return (
    <>
      <Menu.Root defaultOpen>
        <Menu.Trigger render={<MoreButton title={entry.title} />} />
        <div ref={setHost} />
        <Menu.Portal container={host}>
          <Menu.Positioner className="z-20" sideOffset={4} align="end">
            <Menu.Popup className="popup min-w-48 py-1.5">
              <Item icon="edit" text={t('conversations.rename')} onClick={onRename} />
              <Item
                icon="share"
                text={t('conversations.share')}
                onClick={() => {
                  setDialog('share');
                }}
              />
              <Item
                icon="download"
                text={t('conversations.export')}
                onClick={() => {
                  void exportConversation(entry.id).then((markdown) => {
                    saveFile(markdown, `${fileNameOf(entry.title)}.md`);
                  });
                }}
              />
              <Item
                icon="trash"
                text={t('conversations.delete')}
                onClick={() => {
                  setDialog('delete');
                }}
              />
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {dialog === 'share' && <ShareDialog entry={entry} onClose={close} />}
      {dialog === 'delete' && <DeleteDialog entry={entry} onClose={close} onDeleted={onDeleted} />}
    </>
  );
}

function Item({ icon, text, onClick }: { icon: IconName; text: string; onClick: () => void }) {
  return (
    <Menu.Item
      className="flex items-center gap-2.5 px-3.5 py-2 text-[0.9375rem] outline-none data-highlighted:bg-well"
      onClick={onClick}
    >
      <Icon name={icon} className="size-4.5 text-ink-soft" />
      {text}
    </Menu.Item>
  );
}
