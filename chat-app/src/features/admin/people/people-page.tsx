import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { SearchField } from '@/components/ui/search-field';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { MoreButton } from '@/features/admin/components/more-button';
import { peopleQueryOptions, type Someone } from '@/features/admin/people/get-people';
import { PersonRow } from '@/features/admin/people/person-row';
import { t } from '@/lib/messages';

/** Everybody who has signed in: what they may, what they spend, where they are signed in. */
export function PeoplePage() {
  const people = useInfiniteQuery(peopleQueryOptions());
  const [typed, setTyped] = useState('');
  const words = typed.trim().toLowerCase();
  const fits = ({ email, name }: Someone) => `${name} ${email}`.toLowerCase().includes(words);
  return (
    <AdminPage title={t('admin.people')} text={t('admin.people.text')}>
      <Loaded query={people} lines={6}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.people);
          const shown = all.filter(fits);
          return (
            <>
              <div className="mb-4 max-w-md">
                <SearchField label={t('admin.people.search')} value={typed} onChange={setTyped} />
              </div>
              <p role="status" className="mb-2 text-[0.9375rem] text-ink-soft">
                {people.hasNextPage
                  ? t('admin.people.shownOfMore', { count: shown.length })
                  : t('admin.people.shown', { count: shown.length })}
              </p>
              <ul className="divide-y divide-rule border-y border-rule">
                {shown.map((one) => (
                  <PersonRow key={one.subject} someone={one} />
                ))}
              </ul>
              <MoreButton pages={people} />
            </>
          );
        }}
      </Loaded>
    </AdminPage>
  );
}
