import { Link, useLocation } from 'wouter';

import { NavLink } from '@/app/shell/nav-link';
import { buttonClass } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { Wordmark } from '@/components/ui/wordmark';
import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { AccountMenu } from '@/features/auth/components/account-menu';
import { ConversationList } from '@/features/conversations/components/conversation-list';
import { t } from '@/lib/messages';

interface Props {
  user: User;
  onNew: () => void;
  /** Something was chosen: where this lies over the page, it can go. */
  onChosen: () => void;
}

/** Where one can go. */
export function NavContent({ user, onNew, onChosen }: Props) {
  const [path, navigate] = useLocation();
  const openId = /^\/c\/([^/]+)/.exec(path)?.[1];
  return (
    <nav aria-label={t('nav.label')} className="flex h-full flex-col">
      <div className="flex h-(--bar-height) shrink-0 items-center px-4 pane:h-16">
        <Wordmark />
      </div>
      <div className="px-3">
        <Link
          href={pages.home}
          className={buttonClass('outline', 'w-full justify-start px-3')}
          onClick={() => {
            onNew();
            onChosen();
          }}
        >
          <Icon name="plus" />
          {t('nav.new')}
        </Link>
      </div>
      <div className="flex min-h-0 flex-1 flex-col pt-3">
        <ConversationList
          openId={openId}
          onChosen={onChosen}
          onOpenDeleted={() => {
            onNew();
            navigate(pages.home);
          }}
        />
      </div>
      <ul className="border-t border-rule px-3 py-2">
        <NavLink href={pages.drive} icon="drive" text={t('nav.drive')} onChosen={onChosen} />
        {user.admin && <NavLink href={pages.admin} icon="gauge" text={t('nav.admin')} onChosen={onChosen} />}
      </ul>
      <div className="border-t border-rule px-3 py-2">
        <AccountMenu
          user={user}
          onSignedOut={() => {
            // A fresh load leaves nothing of the session's answers in memory.
            sessionStorage.clear();
            location.assign(pages.home);
          }}
        />
      </div>
    </nav>
  );
}
