/** Finds a quote in a passage: start and end offsets, or undefined. White space may differ; an ellipsis may cut it. */
export function findQuote(text: string, quote: string): [start: number, end: number] | undefined {
  const words = quote
    .replace(/^(?:\s|…|\.{3})+|(?:\s|…|\.{3})+$/g, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('\\s+');
  const match = new RegExp(pattern, 'u').exec(text);
  return match ? [match.index, match.index + match[0].length] : undefined;
}
