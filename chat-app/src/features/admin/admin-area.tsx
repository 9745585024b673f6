import { PageTitle } from '@/components/ui/page-title';
import { t } from '@/lib/messages';

/** The administrators' pages, below /admin. Routes inside are relative to it. */
export function AdminArea() {
  return (
    <main id="main" className="page" tabIndex={-1}>
      <PageTitle text={t('admin.page')} />
      <h1 className="page-heading">{t('admin.title')}</h1>
    </main>
  );
}
