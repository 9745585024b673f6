import { useQuery } from '@tanstack/react-query';

import { ProblemNote } from '@/components/ui/problem-note';
import { Section } from '@/components/ui/section';
import { Skeleton } from '@/components/ui/skeleton';
import { costsQueryOptions } from '@/features/admin/api/get-costs';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

/** What Docent has cost, and what the month comes to if it goes on like this. */
export function Costs() {
  const costs = useQuery(costsQueryOptions());
  return (
    <Section title={t('admin.costs')} text={t('admin.costs.text')}>
      {costs.isPending ? (
        <Skeleton label={t('app.loading')} lines={2} />
      ) : costs.isError ? (
        <ProblemNote problem={asProblem(costs.error)} />
      ) : (
        <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
          {(
            [
              ['today', costs.data.today.cost],
              ['month', costs.data.month.cost],
              ['forecast', costs.data.forecast],
              ['saved', costs.data.month.saved_by_caches],
            ] as const
          ).map(([what, amount]) => (
            <div key={what}>
              <dt className="text-[0.9375rem] text-ink-soft">{t(`admin.costs.${what}`)}</dt>
              <dd className="text-xl font-bold">
                {formatNumber(amount, {
                  style: 'currency',
                  currency: costs.data.currency,
                  maximumFractionDigits: amount < 1 ? 4 : 2,
                })}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
