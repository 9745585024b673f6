import { render } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { AnswerText } from '@/features/chat/components/answer/answer-text';
import type * as BlocksModule from '@/lib/markdown/blocks';
import type * as InlineModule from '@/lib/markdown/inline';

/** How many characters the two parsers were given. */
const read = vi.hoisted(() => ({ blocks: 0, lines: 0 }));

vi.mock('@/lib/markdown/inline', async (importOriginal) => {
  const original = await importOriginal<typeof InlineModule>();
  return {
    ...original,
    parseInline: (text: string, open?: boolean) => {
      read.lines += text.length;
      return original.parseInline(text, open);
    },
  };
});

vi.mock('@/lib/markdown/blocks', async (importOriginal) => {
  const original = await importOriginal<typeof BlocksModule>();
  return {
    ...original,
    placedBlocks: (text: string, from = 0) => {
      read.blocks += text.length - from;
      return original.placedBlocks(text, from);
    },
  };
});

const STEPS = 100;

/** Many lines, as an answer of thousands of tokens has. */
const many = (line: (at: number) => string, between: string) =>
  Array.from({ length: 120 }, (_, at) => line(at)).join(between);

const SHAPES: [string, string][] = [
  ['paragraphs', many((at) => `Paragraph ${at} says **140 EUR** a night [1].`, '\n\n')],
  ['a list', many((at) => `- item ${at} costs *140 EUR* a night [1]`, '\n')],
  ['a table', `| a | b |\n|---|---|\n${many((at) => `| row ${at} costs | **140 EUR** a night |`, '\n')}`],
  ['quotes', many((at) => `> Quote ${at} says 140 EUR a night [1].`, '\n\n')],
];

beforeEach(() => {
  read.blocks = 0;
  read.lines = 0;
});

describe('an answer that streams in', () => {
  it.each(SHAPES)('reads each line of %s a few times, however long the answer is', (_, text) => {
    const { rerender, container } = render(<AnswerText text="" open />);
    for (let step = 1; step <= STEPS; step += 1)
      rerender(<AnswerText text={text.slice(0, Math.ceil((text.length * step) / STEPS))} open />);
    rerender(<AnswerText text={text} open={false} />);
    expect(container.textContent).toContain('119');
    expect(read.lines).toBeLessThan(text.length * 4);
    // A list or table is one block: its lines are cut anew, and not read anew.
    if (text.includes('\n\n')) expect(read.blocks).toBeLessThan(text.length * 6);
  });

  it('leaves what stands on the screen where it is', () => {
    const { rerender, container } = render(<AnswerText text={'One.\n\n- a\n- b'} open />);
    const [paragraph, item] = [container.querySelector('p'), container.querySelector('li')];
    rerender(<AnswerText text={'One.\n\n- a\n- b\n- c\n\nEnd.'} open={false} />);
    expect(container.querySelector('p')).toBe(paragraph);
    expect(container.querySelector('li')).toBe(item);
    expect(container.querySelectorAll('li')).toHaveLength(3);
  });
});
