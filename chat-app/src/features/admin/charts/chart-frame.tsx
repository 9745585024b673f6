import type { ReactNode } from 'react';

import { t } from '@/lib/messages';

interface Props {
  title: string;
  /** What the picture shows, in a sentence, for those who cannot see it. */
  summary: string;
  /** Words at the axis of amounts, from the top. */
  amounts: readonly string[];
  /** Words at the axis of time, from its beginning. */
  times: readonly string[];
  /** What is drawn, in a box of 300 by 100. */
  children: ReactNode;
  /** The same numbers as a table. */
  table: ReactNode;
}

/** A chart of our own: a picture, its axes as text, and the numbers behind it. In right-to-left it runs from the right. */
export function ChartFrame({ title, summary, amounts, times, children, table }: Props) {
  return (
    <figure>
      <figcaption className="mb-2 font-bold">{title}</figcaption>
      <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 text-sm text-ink-soft tabular-nums">
        <div className="flex flex-col justify-between text-end leading-none" aria-hidden="true">
          {amounts.map((amount, at) => (
            <span key={at}>{amount}</span>
          ))}
        </div>
        <svg
          viewBox="0 0 300 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}. ${summary}`}
          className="h-40 w-full border-b border-rule-strong rtl:-scale-x-100"
        >
          <path
            d="M0 .5H300M0 50H300"
            className="stroke-rule"
            strokeWidth="1"
            vectorEffect="non-scaling-stroke"
          />
          {children}
        </svg>
        <div className="col-start-2 mt-1.5 flex justify-between gap-2" aria-hidden="true">
          {times.map((time, at) => (
            <span key={at}>{time}</span>
          ))}
        </div>
      </div>
      <details className="mt-2">
        <summary className="w-fit cursor-pointer text-[0.9375rem] text-ink-soft hover:text-ink">
          {t('admin.chart.numbers')}
        </summary>
        <div className="mt-2 max-h-80 overflow-y-auto">{table}</div>
      </details>
    </figure>
  );
}
