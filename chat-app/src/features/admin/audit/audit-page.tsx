import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'wouter';

import { Button } from '@/components/ui/button';
import { AuditRow } from '@/features/admin/audit/audit-row';
import { auditQueryOptions } from '@/features/admin/audit/get-audit';
import { Verify } from '@/features/admin/audit/verify';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Field } from '@/features/admin/components/field';
import { Loaded } from '@/features/admin/components/loaded';
import { MoreButton } from '@/features/admin/components/more-button';
import { t } from '@/lib/messages';

/** How the name of an event looks. */
const AN_EVENT = 'signin.refused';

/** The trail of who was let in, refused, changed or erased, and whether it is whole. */
export function AuditPage() {
  const [search, setSearch] = useSearchParams();
  const event = search.get('event') ?? '';
  const person = search.get('person') ?? '';
  const filter = (wanted: { event: string; person: string }) => {
    setSearch(Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== '')), {
      replace: true,
    });
  };
  const entries = useInfiniteQuery(auditQueryOptions(event, person));
  return (
    <AdminPage title={t('admin.audit')} text={t('admin.audit.text')}>
      <Verify />
      <Filter key={`${event} ${person}`} event={event} person={person} onFilter={filter} />
      <Loaded query={entries} lines={8}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.entries);
          if (found.length === 0) return <p className="text-ink-soft">{t('admin.audit.none')}</p>;
          return (
            <>
              <ol className="divide-y divide-rule border-y border-rule">
                {found.map((entry) => (
                  <AuditRow
                    key={entry.seq}
                    entry={entry}
                    onEvent={(chosen) => {
                      filter({ event: chosen, person });
                    }}
                    onPerson={(chosen) => {
                      filter({ event, person: chosen });
                    }}
                  />
                ))}
              </ol>
              <MoreButton pages={entries} />
            </>
          );
        }}
      </Loaded>
    </AdminPage>
  );
}

interface Props {
  event: string;
  person: string;
  onFilter: (wanted: { event: string; person: string }) => void;
}

function Filter({ event, person, onFilter }: Props) {
  const [typedEvent, setEvent] = useState(event);
  const [typedPerson, setPerson] = useState(person);
  return (
    <form
      className="my-6 flex flex-wrap items-end gap-3"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        onFilter({ event: typedEvent.trim(), person: typedPerson.trim() });
      }}
    >
      <Field
        className="flex-1 basis-48"
        label={t('admin.audit.event')}
        placeholder={AN_EVENT}
        maxLength={60}
        value={typedEvent}
        onChange={setEvent}
      />
      <Field
        className="flex-1 basis-48"
        label={t('admin.audit.person')}
        maxLength={128}
        value={typedPerson}
        onChange={setPerson}
      />
      <Button variant="outline" type="submit">
        {t('admin.audit.filter')}
      </Button>
      {(event !== '' || person !== '') && (
        <Button
          variant="quiet"
          onClick={() => {
            onFilter({ event: '', person: '' });
          }}
        >
          {t('admin.audit.all')}
        </Button>
      )}
    </form>
  );
}
