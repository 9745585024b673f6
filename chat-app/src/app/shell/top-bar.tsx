import { Link } from 'wouter';

import { Icon } from '@/components/ui/icon';
import { iconButtonClass } from '@/components/ui/icon-button';
import { Wordmark } from '@/components/ui/wordmark';
import { pages } from '@/config/paths';
import { t } from '@/lib/messages';

interface Props {
  onMenu: () => void;
  /** The menu will probably be opened. */
  onNear: () => void;
  onNew: () => void;
}

/** The frame's head where there is no room for its side. */
export function TopBar({ onMenu, onNear, onNew }: Props) {
  return (
    <header className="sticky top-0 z-10 flex h-(--bar-height) items-center gap-2 border-b border-rule bg-paper px-2">
      <button
        type="button"
        className={iconButtonClass}
        aria-label={t('nav.open')}
        aria-haspopup="dialog"
        onPointerEnter={onNear}
        onFocus={onNear}
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <Wordmark />
      <Link
        href={pages.home}
        className={`${iconButtonClass} ms-auto`}
        aria-label={t('nav.new')}
        onClick={onNew}
      >
        <Icon name="plus" />
      </Link>
    </header>
  );
}
