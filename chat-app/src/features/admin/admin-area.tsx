import { PageTitle } from '@/components/ui/page-title';
import { Collections } from '@/features/admin/components/collections';
import { Costs } from '@/features/admin/components/costs';
import { t } from '@/lib/messages';

/** The administrators' page, below /admin. */
export function AdminArea() {
  return (
    <main id="main" className="page" tabIndex={-1}>
      <PageTitle text={t('admin.page')} />
      <h1 className="page-heading">{t('admin.title')}</h1>
      <Collections />
      <Costs />
    </main>
  );
}
