import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { Button } from '@/components/ui/button';
import { Section } from '@/components/ui/section';
import { useCancelRun, useSync, type Progress } from '@/features/admin/api/get-progress';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Failed } from '@/features/admin/components/failed';
import { Loaded } from '@/features/admin/components/loaded';
import { OfCollection } from '@/features/admin/components/of-collection';
import { RunStanding } from '@/features/admin/components/run-standing';
import { runsQueryOptions } from '@/features/admin/runs/get-runs';
import { RunRow } from '@/features/admin/runs/run-row';
import { t } from '@/lib/messages';

/** How reading goes now, and how it went. */
export function RunsPage() {
  return (
    <AdminPage title={t('admin.runs')} text={t('admin.runs.text')}>
      <OfCollection>
        {(collection) => (
          <>
            <Now key={collection.id} collection={collection} />
            <History collection={collection} />
          </>
        )}
      </OfCollection>
    </AdminPage>
  );
}

function Now({ collection }: { collection: Progress }) {
  const syncing = useSync();
  const cancelling = useCancelRun();
  const { id, run, state } = collection;
  const busy = state === 'syncing';
  const start = (full: boolean) => {
    if (!busy && !syncing.isPending) syncing.mutate({ collection: id, full });
  };
  return (
    <Section title={t('admin.runs.now')}>
      <RunStanding collection={collection} />
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          variant="outline"
          aria-disabled={busy || syncing.isPending}
          onClick={() => {
            start(false);
          }}
        >
          {t('admin.sync')}
        </Button>
        <Button
          variant="outline"
          aria-disabled={busy || syncing.isPending}
          onClick={() => {
            start(true);
          }}
        >
          {t('admin.runs.full')}
        </Button>
        {busy && run !== null && (
          <Button
            variant="danger"
            aria-disabled={cancelling.isPending}
            onClick={() => {
              if (!cancelling.isPending) cancelling.mutate(run.id);
            }}
          >
            {t('admin.cancel')}
          </Button>
        )}
      </div>
      <p className="mt-2 max-w-prose text-sm text-ink-soft">
        {busy ? t('admin.runs.cancelHint') : t('admin.runs.fullHint')}
      </p>
      <Failed error={syncing.error ?? cancelling.error} />
    </Section>
  );
}

function History({ collection }: { collection: Progress }) {
  const newest = collection.run === null ? '' : `${collection.run.id} ${collection.run.state}`;
  const runs = useQuery({ ...runsQueryOptions(collection.id, newest), placeholderData: keepPreviousData });
  return (
    <Section title={t('admin.runs.before')}>
      <Loaded query={runs}>
        {(found) =>
          found.length === 0 ? (
            <p className="text-ink-soft">{t('admin.never')}</p>
          ) : (
            <ul className="divide-y divide-rule border-y border-rule">
              {found.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}
