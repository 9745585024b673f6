import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Choices } from '@/components/ui/choices';
import { Section } from '@/components/ui/section';
import { DayBars } from '@/features/admin/charts/day-bars';
import { MonthLine } from '@/features/admin/charts/month-line';
import { ShareBars } from '@/features/admin/charts/share-bars';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Figures } from '@/features/admin/components/figures';
import { Loaded } from '@/features/admin/components/loaded';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import { costsQueryOptions, type Costs } from '@/features/admin/costs/get-costs';
import { Budget } from '@/features/admin/costs/budget';
import { money } from '@/features/admin/format';
import { formatInstant, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** What Docent costs, and what the month comes to. */
export function CostsPage() {
  const costs = useQuery(costsQueryOptions());
  return (
    <AdminPage title={t('admin.costs')} text={t('admin.costs.text')}>
      <Loaded query={costs} lines={8}>
        {(found) => (
          <>
            <Numbers costs={found} />
            <Budget budget={found.budget} />
            <Course costs={found} />
            <Parts costs={found} />
            <Items costs={found} />
          </>
        )}
      </Loaded>
    </AdminPage>
  );
}

const fixedOf = (costs: Costs) => Object.values(costs.fixed_per_month).reduce((sum, cost) => sum + cost, 0);

function Numbers({ costs }: { costs: Costs }) {
  return (
    <Figures
      figures={[
        { name: t('admin.costs.today'), value: money(costs.today.cost) },
        { name: t('admin.costs.month'), value: money(costs.month.cost) },
        {
          name: t('admin.costs.forecast'),
          value: money(costs.forecast),
          note: t('admin.costs.fixedIn', { amount: money(fixedOf(costs)) }),
        },
        { name: t('admin.costs.saved'), value: money(costs.month.saved_by_caches) },
        { name: t('admin.costs.questions'), value: formatNumber(costs.month.questions) },
        {
          name: t('admin.costs.perThousand'),
          value: costs.per_1000_questions === null ? '–' : money(costs.per_1000_questions),
        },
      ]}
    />
  );
}

const MEASURES = ['cost', 'questions', 'saved_by_caches'] as const;

function Course({ costs }: { costs: Costs }) {
  const [measure, setMeasure] = useState<(typeof MEASURES)[number]>('cost');
  const names = {
    cost: t('admin.costs.money'),
    questions: t('admin.costs.questions'),
    saved_by_caches: t('admin.costs.saved'),
  };
  return (
    <>
      <Section title={t('admin.costs.days')}>
        <div className="mb-5">
          <Choices
            legend={t('admin.costs.shown')}
            value={measure}
            choices={MEASURES.map((value) => ({ value, text: names[value] }))}
            onChoose={setMeasure}
          />
        </div>
        <DayBars
          title={names[measure]}
          unit={names[measure]}
          days={costs.days.map((day) => ({ day: day.day, amount: day[measure] }))}
          format={measure === 'questions' ? (count) => formatNumber(count) : money}
        />
      </Section>
      <Section title={t('admin.costs.course')} text={t('admin.costs.courseText')}>
        <MonthLine
          title={t('admin.costs.soFar')}
          days={costs.days}
          spent={costs.month.cost}
          forecast={Math.max(costs.month.cost, costs.forecast - fixedOf(costs))}
        />
      </Section>
    </>
  );
}

const sharesOf = (amounts: Record<string, number>) =>
  Object.entries(amounts).map(([name, amount]) => ({ name, amount }));

function Parts({ costs }: { costs: Costs }) {
  const parts = [
    ['models', t('admin.costs.byModel'), costs.by_model],
    ['collections', t('admin.costs.byCollection'), costs.by_collection],
    ['fixed', t('admin.costs.fixed'), costs.fixed_per_month],
  ] as const;
  return (
    <div className="grid gap-x-10 sm:grid-cols-2">
      {parts
        .filter(([, , amounts]) => Object.keys(amounts).length > 0)
        .map(([key, title, amounts]) => (
          <Section key={key} title={title}>
            <ShareBars shares={sharesOf(amounts)} format={money} />
          </Section>
        ))}
    </div>
  );
}

function Items({ costs }: { costs: Costs }) {
  const dated = formatInstant(costs.prices_dated, { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <Section title={t('admin.costs.items')} text={t('admin.costs.itemsText', { dated })}>
      {costs.unpriced.length > 0 && (
        <p className="mb-4 border-s-3 border-danger bg-danger-wash px-4 py-3">
          {t('admin.costs.unpriced', { names: costs.unpriced.join(', ') })}
        </p>
      )}
      <NumbersTable
        caption={t('admin.costs.items')}
        columns={[t('admin.costs.item'), t('admin.costs.quantity')]}
        rows={Object.entries(costs.items).map(([name, count]) => [name, formatNumber(count)])}
      />
    </Section>
  );
}
