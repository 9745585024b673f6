/** Numbers, dates and sizes as the person's language writes them. */
import { language } from '@/lib/messages';

const MINUTE = 60;
const STEPS: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [60 * MINUTE, MINUTE, 'minute'],
  [24 * 60 * MINUTE, 60 * MINUTE, 'hour'],
  [30 * 24 * 60 * MINUTE, 24 * 60 * MINUTE, 'day'],
  [365 * 24 * 60 * MINUTE, 30 * 24 * 60 * MINUTE, 'month'],
  [Infinity, 365 * 24 * 60 * MINUTE, 'year'],
];

/** For example 1,234.5 */
export const formatNumber = (value: number, options?: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(language(), options).format(value);

/** For example "30 Nov 2026, 20:15". An instant that cannot be read is shown as it came. */
export function formatInstant(instant: string, options?: Intl.DateTimeFormatOptions): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat(language(), options ?? { dateStyle: 'medium', timeStyle: 'short' }).format(
    date,
  );
}

/** For example "3 hours ago". An instant that cannot be read is shown as it came. */
export function formatAgo(instant: string, now: number = Date.now()): string {
  const then = new Date(instant).getTime();
  if (Number.isNaN(then)) return instant;
  const seconds = (then - now) / 1000;
  const [, size, unit] = STEPS.find(([limit]) => Math.abs(seconds) < limit) ?? [0, 1, 'second' as const];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(
    Math.round(seconds / size),
    unit,
  );
}

/** For example "1.2 MB" */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return formatNumber(bytes / 1000 ** power, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  });
}
