import { useState } from 'react';

import { PageTitle } from '@/components/ui/page-title';
import { pages } from '@/config/paths';
import type { Receipt } from '@/features/account/api/own-data';
import { Appearance } from '@/features/account/components/appearance';
import { DriveGrant } from '@/features/account/components/drive-grant';
import { OwnData } from '@/features/account/components/own-data';
import { ReceiptView } from '@/features/account/components/receipt-view';
import { Sessions } from '@/features/account/components/sessions';
import type { User } from '@/features/auth/api/get-user';
import { t } from '@/lib/messages';

interface Props {
  user: User;
}

/** What belongs to the person: how the page looks, where they are signed in, what is kept about them. */
export function AccountPage({ user }: Props) {
  const [receipt, setReceipt] = useState<Receipt>();
  return (
    <main id="main" className="page page-narrow" tabIndex={-1}>
      <PageTitle text={t('page.account')} />
      {receipt ? (
        <ReceiptView
          receipt={receipt}
          onDone={() => {
            location.assign(pages.home);
          }}
        />
      ) : (
        <>
          <h1 className="page-heading">{t('settings.title')}</h1>
          <p className="mt-2 text-ink-soft wrap-anywhere">
            {[user.name, user.email].filter(Boolean).join(' · ')}
          </p>
          <Appearance />
          <DriveGrant state={user.drive_grant} />
          <Sessions />
          <OwnData
            email={user.email}
            onErased={(erased) => {
              sessionStorage.clear();
              setReceipt(erased);
            }}
          />
        </>
      )}
    </main>
  );
}
