import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';

import { buttonClass } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { progressQueryOptions } from '@/features/admin/api/get-progress';
import { CollectionRow } from '@/features/admin/collections/collection-row';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { adminPages } from '@/features/admin/paths';
import { t } from '@/lib/messages';

/** What is read from Drive: the collections, and the way to another one. */
export function CollectionsPage() {
  const progress = useQuery(progressQueryOptions());
  return (
    <AdminPage
      title={t('admin.collections')}
      text={t('admin.collections.text')}
      action={
        <Link href={adminPages.add} className={buttonClass('solid')}>
          <Icon name="plus" />
          {t('admin.add')}
        </Link>
      }
    >
      <Loaded query={progress}>
        {(collections) =>
          collections.length === 0 ? (
            <p className="border-y border-rule py-6 text-ink-soft">{t('admin.collections.none')}</p>
          ) : (
            <ul className="divide-y divide-rule border-y border-rule">
              {collections.map((one) => (
                <CollectionRow key={one.id} collection={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </AdminPage>
  );
}
