import { ChartFrame } from '@/features/admin/charts/chart-frame';
import { roundUp } from '@/features/admin/charts/scale';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';

interface Props {
  title: string;
  /** What is counted, as the head of a column. */
  unit: string;
  /** The days, oldest first; the last is today. */
  days: readonly { day: string; amount: number }[];
  format: (amount: number) => string;
}

const SHORT: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', timeZone: 'UTC' };

/** A bar a day. Today's, which is still growing, is darker. */
export function DayBars({ title, unit, days, format }: Props) {
  const name = (day: string) => formatInstant(`${day}T00:00:00Z`, SHORT);
  const most = Math.max(0, ...days.map(({ amount }) => amount));
  const top = roundUp(most);
  const width = 300 / Math.max(1, days.length);
  const highest = days.find(({ amount }) => amount === most);
  const summary =
    highest === undefined || most === 0
      ? t('admin.chart.nothing')
      : t('admin.chart.highest', { amount: format(most), day: name(highest.day) });
  return (
    <ChartFrame
      title={title}
      summary={summary}
      amounts={[format(top), format(top / 2), format(0)]}
      times={[days[0], days[Math.floor(days.length / 2)], days.at(-1)].map((one) =>
        one === undefined ? '' : name(one.day),
      )}
      table={
        <NumbersTable
          caption={title}
          columns={[t('admin.chart.day'), unit]}
          rows={days.toReversed().map(({ day, amount }) => [name(day), format(amount)])}
        />
      }
    >
      {days.map(({ day, amount }, at) => {
        const height = (amount / top) * 100;
        return (
          <rect
            key={day}
            x={at * width + width * 0.14}
            y={100 - height}
            width={width * 0.72}
            height={height}
            className={at === days.length - 1 ? 'fill-ink' : 'fill-rule-strong'}
          >
            <title>{`${name(day)}: ${format(amount)}`}</title>
          </rect>
        );
      })}
    </ChartFrame>
  );
}
