/** Where a passage stands, in words a person would use. */
import { t } from '@/lib/messages';
import type { Locator } from '@/lib/wire';

const headingPath = (heading: string) => t('place.heading', { heading: heading.split(' > ').join(' › ') });

/** For example "Page 3 · “Travel › Hotels”" or "Sheet “Prices”, B2:D9"; empty when the file has one place only. */
export function describeLocator(locator: Locator): string {
  const { page, slide, sheet, range, heading, part } = locator;
  const places: string[] = [];
  if (page !== null) places.push(t('place.page', { page }));
  if (slide !== null) places.push(t('place.slide', { slide }));
  if (sheet) places.push(range ? t('place.sheetRange', { sheet, range }) : t('place.sheet', { sheet }));
  else if (range) places.push(t('place.cells', { range }));
  if (part) places.push(t('place.part', { part }));
  if (heading) places.push(headingPath(heading));
  return places.join(' · ');
}

/** True when two passages stand at the same page, slide, sheet or heading (ranges may differ). */
export function samePlace(one: Locator, other: Locator): boolean {
  return (
    one.page === other.page &&
    one.slide === other.slide &&
    one.sheet === other.sheet &&
    one.heading === other.heading &&
    one.part === other.part
  );
}
