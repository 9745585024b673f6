import { PageTitle } from '@/components/ui/page-title';
import { Appearance } from '@/features/account/components/appearance';
import { t } from '@/lib/messages';

/** What belongs to the person: how the page looks, where they are signed in, what is kept about them. */
export function AccountPage() {
  return (
    <main id="main" className="page" tabIndex={-1}>
      <PageTitle text={t('page.account')} />
      <h1 className="page-heading">{t('settings.title')}</h1>
      <Appearance />
    </main>
  );
}
