import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';

import { progressQueryOptions, type Progress } from '@/features/admin/api/get-progress';
import { Loaded } from '@/features/admin/components/loaded';
import { Select } from '@/features/admin/components/select';
import { t } from '@/lib/messages';

interface Props {
  /** What stands beside the choice. */
  beside?: ReactNode;
  children: (collection: Progress) => ReactNode;
}

/** What belongs to one collection: which one is in the page's address, the first where none is. */
export function OfCollection({ beside, children }: Props) {
  const progress = useQuery(progressQueryOptions());
  const [search, setSearch] = useSearchParams();
  return (
    <Loaded query={progress}>
      {(collections) => {
        const chosen = collections.find(({ id }) => id === search.get('collection')) ?? collections[0];
        if (chosen === undefined) return <p className="text-ink-soft">{t('admin.collections.none')}</p>;
        return (
          <>
            <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
              <Select
                label={t('admin.collection')}
                value={chosen.id}
                options={collections.map(({ id, name }) => ({ value: id, text: name }))}
                onChange={(collection) => {
                  setSearch({ collection }, { replace: true });
                }}
              />
              {beside}
            </div>
            {children(chosen)}
          </>
        );
      }}
    </Loaded>
  );
}
