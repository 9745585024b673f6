import { duration } from '@/features/admin/format';
import type { Run } from '@/features/admin/runs/get-runs';
import { formatInstant, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

const NUMBERS = ['listed', 'queued', 'removed', 'drift'] as const;

/** One run: when, of which kind, how it ended, and what it found. */
export function RunRow({ run }: { run: Run }) {
  const seconds =
    run.ended_at === null ? null : (Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000;
  const failed = run.state === 'failed';
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="font-semibold">{formatInstant(run.started_at)}</span>
        <span className={failed ? 'font-semibold text-danger' : 'text-ink-soft'}>
          {t(`admin.run.${run.state}`)}
        </span>
        <span className="text-[0.9375rem] text-ink-soft">
          {[
            t(`admin.kind.${run.kind}`),
            run.dry_run && t('admin.runs.dry'),
            seconds !== null && duration(Math.max(0, seconds)),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </p>
      <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem]">
        {NUMBERS.map((name) => (
          <div key={name} className="flex gap-1.5">
            <dt className="text-ink-soft">{t(`admin.found.${name}`)}</dt>
            <dd className="font-semibold tabular-nums">{formatNumber(run[name])}</dd>
          </div>
        ))}
      </dl>
      {run.error !== '' && <p className="mt-1 text-danger wrap-anywhere">{run.error}</p>}
    </li>
  );
}
