/** Where a passage stands, in words a person would use. */
import type { Locator } from '@/lib/wire';

const headingPath = (heading: string) => `“${heading.split(' > ').join(' › ')}”`;

/** For example "Page 3 · “Travel › Hotels”" or "Sheet “Prices”, B2:D9"; empty when the file has one place only. */
export function describeLocator(locator: Locator): string {
  const { page, slide, sheet, range, heading, part } = locator;
  const places: string[] = [];
  if (page !== null) places.push(`Page ${page}`);
  if (slide !== null) places.push(`Slide ${slide}`);
  if (sheet) places.push(range ? `Sheet “${sheet}”, ${range}` : `Sheet “${sheet}”`);
  else if (range) places.push(`Cells ${range}`);
  if (part) places.push(`Part “${part}”`);
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
