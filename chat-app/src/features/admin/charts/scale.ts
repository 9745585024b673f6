/** Where things stand in a chart. */

const STEPS = [1, 2, 2.5, 5, 10];

/** The smallest round number that is not below the value: where an axis ends. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** The sums up to and with each value. */
export function sums(values: readonly number[], before = 0): number[] {
  let sum = before;
  return values.map((value) => (sum += value));
}

/** Points of a line, as SVG takes them. */
export const points = (places: readonly (readonly [x: number, y: number])[]): string =>
  places.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ');
