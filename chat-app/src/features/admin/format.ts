/** Money, durations, shares and types of files, as administrators read them. */
import { formatNumber } from '@/lib/intl';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** US dollars; small sums with the digits that say something. */
export const money = (dollars: number): string =>
  formatNumber(dollars, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: dollars !== 0 && Math.abs(dollars) < 1 ? 4 : 2,
  });

/** A share of 1 as a percentage. */
export const percent = (share: number): string =>
  formatNumber(share, { style: 'percent', maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 });

/** For example "40 seconds", "3 minutes", "2.5 hours". */
export function duration(seconds: number): string {
  const [size, unit] =
    seconds < 2 * MINUTE
      ? [1, 'second']
      : seconds < 2 * HOUR
        ? [MINUTE, 'minute']
        : seconds < 2 * DAY
          ? [HOUR, 'hour']
          : [DAY, 'day'];
  return formatNumber(seconds / size, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: size === HOUR || (size === 1 && seconds < 10) ? 1 : 0,
  });
}

/** Types whose names say nothing to people, by what they are called. */
const TYPES: Record<string, string> = {
  'application/pdf': 'PDF',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'Excel',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PowerPoint',
  'application/vnd.google-apps.document': 'Google Docs',
  'application/vnd.google-apps.spreadsheet': 'Google Sheets',
  'application/vnd.google-apps.presentation': 'Google Slides',
  'message/rfc822': 'E-mail',
  'text/csv': 'CSV',
  'text/html': 'HTML',
  'text/markdown': 'Markdown',
  'text/plain': 'Text',
};

/** What a type of file is called: "PDF", "Word", "CSV". */
export const fileType = (mimeType: string): string =>
  TYPES[mimeType] ?? mimeType.slice(mimeType.lastIndexOf('/') + 1);
