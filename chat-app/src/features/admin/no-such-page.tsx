import { Link } from 'wouter';

import { buttonClass } from '@/components/ui/button';
import { PageTitle } from '@/components/ui/page-title';
import { adminPages } from '@/features/admin/paths';
import { t } from '@/lib/messages';

/** An address below /admin that leads nowhere. */
export function NoSuchPage() {
  return (
    <>
      <PageTitle text={t('page.notFound')} />
      <h1 className="page-heading">{t('error.notFound.title')}</h1>
      <p className="mt-2 mb-6 text-ink-soft">{t('error.notFound.text')}</p>
      <Link href={adminPages.collections} className={buttonClass('solid')}>
        {t('admin.collections')}
      </Link>
    </>
  );
}
