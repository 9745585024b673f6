import { Link } from 'wouter';

import { MessagePage } from '@/app/message-page';
import { buttonClass } from '@/components/ui/button';
import { PageTitle } from '@/components/ui/page-title';
import { pages } from '@/config/paths';
import { t } from '@/lib/messages';

/** What somebody without the role hears at an administrators' address: that it is there, and whom to ask. */
export function NotAdminPage() {
  return (
    <MessagePage title={t('error.notAdmin.title')} text={t('error.notAdmin.text')}>
      <PageTitle text={t('page.notAdmin')} />
      <Link className={buttonClass('solid')} href={pages.home}>
        {t('error.notFound.action')}
      </Link>
    </MessagePage>
  );
}
