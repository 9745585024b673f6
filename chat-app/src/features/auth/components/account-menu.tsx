import { lazy, Suspense, useState } from 'react';

import type { User } from '@/features/auth/api/get-user';
import { AccountButton } from '@/features/auth/components/account-button';

interface Props {
  user: User;
  onSignedOut: () => void;
}

const load = () => import('@/features/auth/components/account-popup');
const AccountPopup = lazy(async () => ({ default: (await load()).AccountPopup }));

/** Who is signed in, and the way out. The menu's code is fetched when the pointer or the focus comes near it. */
export function AccountMenu({ user, onSignedOut }: Props) {
  const [wanted, setWanted] = useState(false);
  const fetchAhead = () => void load();
  const button = (
    <AccountButton
      user={user}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={fetchAhead}
      onFocus={fetchAhead}
      onClick={() => {
        setWanted(true);
      }}
    />
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountPopup user={user} onSignedOut={onSignedOut} />
    </Suspense>
  );
}
