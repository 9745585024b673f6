import { Link } from 'wouter';

import { MessagePage } from '@/app/message-page';
import { buttonClass } from '@/components/ui/button';
import { PageTitle } from '@/components/ui/page-title';
import { pages } from '@/config/paths';
import { t } from '@/lib/messages';

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <MessagePage title={t('error.notFound.title')} text={t('error.notFound.text')}>
      <PageTitle text={t('page.notFound')} />
      <Link className={buttonClass('solid')} href={pages.home}>
        {t('error.notFound.action')}
      </Link>
    </MessagePage>
  );
}
