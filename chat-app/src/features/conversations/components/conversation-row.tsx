import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';

import { Icon } from '@/components/ui/icon';
import { pages } from '@/config/paths';
import { useRename } from '@/features/conversations/api/change-conversation';
import type { ConversationEntry } from '@/features/conversations/api/get-conversations';
import { MoreButton } from '@/features/conversations/components/more-button';
import { RenameField } from '@/features/conversations/components/rename-field';
import { t } from '@/lib/messages';

const load = () => import('@/features/conversations/components/conversation-menu');
const ConversationMenu = lazy(async () => ({ default: (await load()).ConversationMenu }));

interface Props {
  entry: ConversationEntry;
  open: boolean;
  onChosen: () => void;
  onDeleted: () => void;
}

/** A conversation of the list, with its menu, whose code is fetched when the pointer or the focus comes near. */
export function ConversationRow({ entry, open, onChosen, onDeleted }: Props) {
  const [menu, setMenu] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const rename = useRename();
  const { id, title, share } = entry;

  if (renaming) {
    return (
      <li>
        <RenameField
          title={title}
          onRename={(chosen) => {
            setRenaming(false);
            if (chosen !== title) rename.mutate({ id, title: chosen });
          }}
          onCancel={() => {
            setRenaming(false);
          }}
        />
      </li>
    );
  }
  const button = (
    <MoreButton
      title={title}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => {
        setMenu(true);
      }}
    />
  );
  return (
    <li className="group/row relative flex items-center rounded-[6px] hover:bg-well has-[a[aria-current]]:bg-well">
      <Link
        href={pages.conversation(id)}
        aria-current={open ? 'page' : undefined}
        className="flex min-h-10 min-w-0 flex-1 items-center gap-2 rounded-[6px] px-2.5 text-[0.9375rem] text-ink-soft hover:text-ink aria-[current]:font-semibold aria-[current]:text-ink"
        onClick={onChosen}
      >
        <span className="truncate" dir="auto" title={title}>
          {title}
        </span>
        {share && (
          <>
            <Icon name="share" className="size-4" />
            <span className="sr-only">{t('conversations.isShared')}</span>
          </>
        )}
      </Link>
      {menu ? (
        <Suspense fallback={button}>
          <ConversationMenu
            entry={entry}
            onRename={() => {
              setMenu(false);
              setRenaming(true);
            }}
            onDeleted={onDeleted}
          />
        </Suspense>
      ) : (
        button
      )}
    </li>
  );
}
