import { useQuery } from '@tanstack/react-query';

import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { Section } from '@/components/ui/section';
import { Skeleton } from '@/components/ui/skeleton';
import { progressQueryOptions, useSync, type Progress } from '@/features/admin/api/get-progress';
import { formatAgo, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

const STATES = ['indexed', 'partial', 'pending', 'skipped', 'failed'] as const;

/** The collections, each with its files by state and its newest run. */
export function Collections() {
  const progress = useQuery(progressQueryOptions());
  const syncing = useSync();
  return (
    <Section title={t('admin.collections')} text={t('admin.collections.text')}>
      {syncing.isError && <ProblemNote problem={asProblem(syncing.error)} />}
      {progress.isPending ? (
        <Skeleton label={t('app.loading')} lines={3} />
      ) : progress.isError ? (
        <ProblemNote problem={asProblem(progress.error)} />
      ) : (
        <ul className="divide-y divide-rule border-y border-rule">
          {progress.data.map((one) => (
            <Row
              key={one.id}
              collection={one}
              onSync={() => {
                syncing.mutate(one.id);
              }}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** How far it is, in words: the rate and the time left are of work done. */
function standing({ state, seconds_left, run }: Progress): string {
  if (state === 'syncing' && seconds_left !== null)
    return t('admin.left', {
      left: formatNumber(seconds_left, { style: 'unit', unit: 'second', unitDisplay: 'long' }),
    });
  if (state === 'syncing') return t('admin.reading');
  if (run === null) return t('admin.never');
  return run.error === '' ? t('admin.synced', { ago: formatAgo(run.started_at) }) : run.error;
}

function Row({ collection, onSync }: { collection: Progress; onSync: () => void }) {
  const { name, counts, total, state } = collection;
  const waiting = counts['pending'] ?? 0;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-2 py-4">
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="font-bold wrap-anywhere">{name}</h3>
        <p className="text-[0.9375rem] text-ink-soft" aria-live="polite">
          {standing(collection)}
        </p>
        {state === 'syncing' && (
          <progress
            className="mt-2 h-1.5 w-full accent-ink"
            aria-label={t('admin.progress', { name })}
            value={total - waiting}
            max={Math.max(1, total)}
          />
        )}
        <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem]">
          {STATES.map((one) => (
            <div key={one} className="flex gap-1.5">
              <dt className="text-ink-soft">{t(`admin.state.${one}`)}</dt>
              <dd className="font-bold">{formatNumber(counts[one] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Button
        variant="outline"
        aria-disabled={state === 'syncing'}
        onClick={state === 'syncing' ? undefined : onSync}
      >
        {t('admin.sync')}
      </Button>
    </li>
  );
}
