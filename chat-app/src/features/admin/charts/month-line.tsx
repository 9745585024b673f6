import { ChartFrame } from '@/features/admin/charts/chart-frame';
import { points, roundUp, sums } from '@/features/admin/charts/scale';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import { money } from '@/features/admin/format';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';

interface Props {
  title: string;
  /** Days, the last of them today; those of this month are drawn. */
  days: readonly { day: string; cost: number }[];
  /** What this month has cost so far, and what it will have cost at its end, if it goes on like this. */
  spent: number;
  forecast: number;
}

const SHORT: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', timeZone: 'UTC' };
const name = (day: string) => formatInstant(`${day}T00:00:00Z`, SHORT);

/** How this month's spending has grown, and, dashed, where it goes. */
export function MonthLine({ title, days, spent, forecast }: Props) {
  const today = days.at(-1)?.day ?? '';
  const month = today.slice(0, 7);
  const mine = days.filter(({ day }) => day.startsWith(month));
  const before = spent - mine.reduce((sum, { cost }) => sum + cost, 0);
  const grown = sums(
    mine.map(({ cost }) => cost),
    Math.max(0, before),
  );
  const [year = 0, number = 1] = month.split('-').map(Number);
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const top = roundUp(Math.max(forecast, spent));
  const at = (day: number, amount: number) => [(day / length) * 300, 100 - (amount / top) * 100] as const;
  const past = mine.map(({ day }, index) => at(Number(day.slice(8)), grown[index] ?? 0));
  const now = past.at(-1) ?? at(0, 0);
  return (
    <ChartFrame
      title={title}
      summary={t('admin.chart.course', { spent: money(spent), forecast: money(forecast) })}
      amounts={[money(top), money(top / 2), money(0)]}
      times={[name(`${month}-01`), name(`${month}-${String(length).padStart(2, '0')}`)]}
      table={
        <NumbersTable
          caption={title}
          columns={[t('admin.chart.day'), t('admin.costs.soFar')]}
          rows={mine.map(({ day }, index) => [name(day), money(grown[index] ?? 0)] as const).toReversed()}
        />
      }
    >
      <polyline
        points={points([at(0, 0), ...past])}
        fill="none"
        className="stroke-ink"
        strokeWidth="2.5"
        vectorEffect="non-scaling-stroke"
      />
      <polyline
        points={points([now, at(length, forecast)])}
        fill="none"
        className="stroke-ink-soft"
        strokeWidth="2"
        strokeDasharray="5 5"
        vectorEffect="non-scaling-stroke"
      />
    </ChartFrame>
  );
}
