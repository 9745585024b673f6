/**
 * The blocks of a text that grows. What a longer text leaves as it was is not read again, and is the very same object, so
 * that nobody needs to draw it again.
 */
import { placedBlocks, type Block, type PlacedBlock } from '@/lib/markdown/blocks';

/** A parser for one text after another, each of which mostly begins as the one before did. Never throws. */
export function createBlockParser(): (text: string) => Block[] {
  let text = '';
  let known: PlacedBlock[] = [];
  let blocks: Block[] = [];

  return (next) => {
    if (next === text) return blocks;
    const settled = countSettled(known, commonLength(text, next));
    const old = known.slice(settled);
    const read = placedBlocks(next, settled > 0 ? old[0]?.start : 0).map(({ block, start }, at) => ({
      block: reused(old[at]?.block, block),
      start,
    }));
    text = next;
    known = [...known.slice(0, settled), ...read];
    blocks = known.map(({ block }) => block);
    return blocks;
  };
}

/**
 * How many blocks cannot have changed when the text has from a place on. The block of that place has, and the one before
 * it may: the first line of the later may turn out to go on with it ("-" is a list, "-5 °C" more of a paragraph).
 */
function countSettled(known: readonly PlacedBlock[], place: number): number {
  const changed = known.findLastIndex(({ start }) => start <= place);
  return Math.max(0, changed - 1);
}

function commonLength(one: string, other: string): number {
  if (other.startsWith(one)) return one.length;
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}

/** The new value, with the old one's objects wherever they say the same. */
function reused(old: Block | undefined, block: Block): Block {
  if (old === undefined) return block;
  if (same(old, block)) return old;
  if (old.kind === 'list' && block.kind === 'list')
    return {
      ...block,
      items: reusedEach(old.items, block.items, (before, item) => reusedEach(before, item, reused)),
    };
  if (old.kind === 'quote' && block.kind === 'quote')
    return { ...block, blocks: reusedEach(old.blocks, block.blocks, reused) };
  if (old.kind === 'table' && block.kind === 'table')
    return {
      ...block,
      header: same(old.header, block.header) ? old.header : block.header,
      align: same(old.align, block.align) ? old.align : block.align,
      rows: reusedEach(old.rows, block.rows, (_, row) => row),
    };
  return block;
}

function reusedEach<T>(old: readonly T[], fresh: readonly T[], inside: (before: T, now: T) => T): T[] {
  return fresh.map((now, at) => {
    const before = old[at];
    if (before === undefined) return now;
    return same(before, now) ? before : inside(before, now);
  });
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
