import { Skeleton } from '@/components/ui/skeleton';
import { t } from '@/lib/messages';

/** A page that is on its way: a heading's worth and some lines, where they will stand. */
export function PageSkeleton({ narrow = false }: { narrow?: boolean }) {
  return (
    <main id="main" className={narrow ? 'page page-narrow' : 'page'} aria-busy="true">
      <div className="skeleton mb-8 h-8 w-56" aria-hidden="true" />
      <Skeleton label={t('app.loading')} lines={6} />
    </main>
  );
}
