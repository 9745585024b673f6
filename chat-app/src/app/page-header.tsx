import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { Wordmark } from '@/components/ui/wordmark';
import { paths } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { AccountMenu } from '@/features/auth/components/account-menu';

interface Props {
  user: User;
  /** Begins a new conversation; undefined while there is nothing to leave. */
  onStartOver: (() => void) | undefined;
}

export function PageHeader({ user, onStartOver }: Props) {
  return (
    <header className="sticky top-0 z-10 flex h-(--header-height) items-center justify-between gap-3 border-b border-rule bg-paper ps-4 pe-3 sm:ps-5">
      <Wordmark />
      <div className="flex items-center gap-1">
        {onStartOver && (
          <Button variant="quiet" onClick={onStartOver}>
            <Icon name="plus" />
            <span className="max-xs:sr-only">New conversation</span>
          </Button>
        )}
        {/* A fresh load leaves nothing of the session's answers in memory. */}
        <AccountMenu
          user={user}
          onSignedOut={() => {
            sessionStorage.clear();
            location.assign(paths.home);
          }}
        />
      </div>
    </header>
  );
}
