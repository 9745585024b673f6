import { Menu } from '@base-ui/react/menu';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';

import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { signOut } from '@/features/auth/api/sign-out';
import { AccountButton } from '@/features/auth/components/account-button';
import { t } from '@/lib/messages';

interface Props {
  user: User;
  onSignedOut: () => void;
}

/** The account's menu, open from the start: it is made by the first press of its button. */
export function AccountPopup({ user, onSignedOut }: Props) {
  // The popup stays within the page's landmark, where a screen reader expects it.
  const [host, setHost] = useState<HTMLElement | null>(null);
  const leaving = useMutation({ mutationFn: signOut, onSuccess: onSignedOut });
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger render={<AccountButton user={user} />} />
      <div ref={setHost} />
      <Menu.Portal container={host}>
        <Menu.Positioner className="z-20" sideOffset={6} side="top" align="start">
          <Menu.Popup className="popup min-w-56 py-1.5">
            <Menu.Group>
              <Menu.GroupLabel className="max-w-72 border-b border-rule px-4 pt-1.5 pb-3 wrap-anywhere">
                {user.name && <span className="block font-bold">{user.name}</span>}
                <span className="block text-sm text-ink-soft">{user.email}</span>
              </Menu.GroupLabel>
              <Menu.LinkItem
                className="mt-1.5 block px-4 py-2.5 outline-none data-highlighted:bg-well"
                closeOnClick
                render={<Link href={pages.account} />}
              >
                {t('nav.account')}
              </Menu.LinkItem>
              <Menu.Item
                className=" px-4 py-2.5 outline-none data-highlighted:bg-well"
                closeOnClick={false}
                disabled={leaving.isPending}
                onClick={() => {
                  leaving.mutate();
                }}
              >
                {leaving.isPending ? t('account.signingOut') : t('account.signOut')}
              </Menu.Item>
            </Menu.Group>
            {leaving.isError && (
              <p role="alert" className="max-w-72 px-4 py-2 text-sm text-danger">
                {t('account.signOutFailed')}
              </p>
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
