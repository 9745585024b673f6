import type { Progress } from '@/features/admin/api/get-progress';
import { ShareBar } from '@/features/admin/charts/share-bars';
import { duration } from '@/features/admin/format';
import { formatAgo, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** How far a collection is: a bar, files a second and time left while it is read, else when that was. */
export function RunStanding({ collection }: { collection: Progress }) {
  const { name, state, total, run, seconds_left: left, files_per_second: rate } = collection;
  if (state === 'idle') return <p className="text-[0.9375rem] text-ink-soft">{outcome(run)}</p>;
  if (state === 'removing') {
    return (
      <p className="text-[0.9375rem] text-ink-soft" role="status">
        {t('admin.removing', { count: total })}
      </p>
    );
  }
  const done = total - (collection.counts['pending'] ?? 0);
  return (
    <>
      <p className="text-[0.9375rem] text-ink-soft" role="status">
        {t('admin.reading')}
      </p>
      <div
        role="progressbar"
        aria-label={t('admin.progress', { name })}
        aria-valuemin={0}
        aria-valuenow={done}
        aria-valuemax={Math.max(1, total)}
      >
        <ShareBar share={total > 0 ? done / total : 0} />
      </div>
      <p className="mt-1 text-[0.9375rem] tabular-nums">
        {[
          t('admin.doneOf', { done: formatNumber(done), total: formatNumber(total) }),
          rate > 0 && t('admin.rate', { rate: formatNumber(rate, { maximumFractionDigits: 1 }) }),
          left !== null && t('admin.left', { left: duration(left) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </>
  );
}

function outcome(run: Progress['run']): string {
  if (run === null) return t('admin.never');
  if (run.error !== '') return run.error;
  if (run.state === 'cancelled') return t('admin.cancelled', { ago: formatAgo(run.started_at) });
  return t('admin.synced', { ago: formatAgo(run.started_at) });
}
