import { useQuery } from '@tanstack/react-query';

import { Section } from '@/components/ui/section';
import { ShareBar } from '@/features/admin/charts/share-bars';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import { money, percent } from '@/features/admin/format';
import { CacheState } from '@/features/admin/limits/cache-state';
import { limitsQueryOptions, type Limits } from '@/features/admin/limits/get-limits';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** What may be asked how often, what is left of it, and what need not be asked twice. */
export function LimitsPage() {
  const limits = useQuery(limitsQueryOptions());
  return (
    <AdminPage title={t('admin.limits')} text={t('admin.limits.text')}>
      <Loaded query={limits}>
        {(found) => (
          <>
            {!found.enabled && <p className="font-semibold">{t('admin.limits.off')}</p>}
            <Together limits={found} />
            <Rates limits={found} />
            <CacheState />
          </>
        )}
      </Loaded>
    </AdminPage>
  );
}

const windowName = (window: string) =>
  window === 'minute' || window === 'hour' || window === 'day' ? t(`admin.window.${window}`) : window;

/** The organisation's own limits and budget, and how much of them is used. */
function Together({ limits }: { limits: Limits }) {
  const { organisation, budgets } = limits;
  const used = [
    ...organisation.map(({ window, most, left }) => ({
      name: windowName(window),
      share: most > 0 ? (most - left) / most : 1,
      says: t('admin.limits.used', { used: formatNumber(most - left), most: formatNumber(most) }),
    })),
    ...(budgets.organisation === null
      ? []
      : [
          {
            name: t('admin.limits.budget'),
            share: budgets.spent / budgets.organisation,
            says: t('admin.limits.used', {
              used: money(budgets.spent),
              most: money(budgets.organisation),
            }),
          },
        ]),
  ];
  return (
    <Section title={t('admin.limits.everybody')} text={t('admin.limits.everybodyText')}>
      <ul className="max-w-2xl space-y-4">
        {used.map(({ name, share, says }) => (
          <li key={name}>
            <p className="flex flex-wrap justify-between gap-x-4 text-[0.9375rem] tabular-nums">
              <span>{name}</span>
              <span>
                {says} <span className="text-ink-soft">{percent(share)}</span>
              </span>
            </p>
            <ShareBar share={share} />
          </li>
        ))}
      </ul>
      {budgets.organisation === null && <p className="mt-4 text-ink-soft">{t('admin.budget.none')}</p>}
      {budgets.person !== null && (
        <p className="mt-2">{t('admin.limits.personBudget', { amount: money(budgets.person) })}</p>
      )}
    </Section>
  );
}

/** Questions by window for each kind of person, and requests of those who are not signed in. */
function Rates({ limits }: { limits: Limits }) {
  const groups = [
    ...Object.entries(limits.tiers).map(([tier, windows]) => ({
      name: tier === 'standard' || tier === 'premium' ? t(`admin.tier.${tier}`) : tier,
      windows,
    })),
    { name: t('admin.limits.address'), windows: limits.address },
  ];
  const most = (windows: Limits['address'], window: string) => {
    const found = windows.find((one) => one.window === window);
    return found === undefined ? '–' : formatNumber(found.most);
  };
  return (
    <Section title={t('admin.limits.rates')} text={t('admin.limits.ratesText')}>
      <NumbersTable
        caption={t('admin.limits.rates')}
        columns={[t('admin.limits.who'), ...['minute', 'hour', 'day'].map(windowName)]}
        rows={groups.map(({ name, windows }) => [
          name,
          most(windows, 'minute'),
          most(windows, 'hour'),
          most(windows, 'day'),
        ])}
      />
    </Section>
  );
}
