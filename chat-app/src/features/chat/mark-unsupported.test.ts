import { describe, expect, it } from 'vitest';

import { cutAtMarks, markUnsupported, OPEN, SHUT } from '@/features/chat/mark-unsupported';

const shown = (text: string) => text.replaceAll(OPEN, '«').replaceAll(SHUT, '»');

describe('markUnsupported', () => {
  it('marks what lies between, counted in characters as the service counts them', () => {
    expect(shown(markUnsupported('🧭 One. Two. Three.', [{ start: 7, end: 11 }]))).toBe(
      '🧭 One. «Two.» Three.',
    );
  });

  it('marks each line by itself, and leaves structure outside', () => {
    expect(shown(markUnsupported('- One\n- Two\n\n> Three', [{ start: 0, end: 20 }]))).toBe(
      '- «One»\n- «Two»\n\n> «Three»',
    );
  });

  it('marks a row cell by cell', () => {
    const table = '| A | B |\n|---|---|\n| one |  |';
    expect(shown(markUnsupported(table, [{ start: 0, end: table.length }]))).toBe(
      '| «A» | «B» |\n|---|---|\n| «one» |  |',
    );
  });

  it('passes over stretches that overlap or are empty', () => {
    const stretches = [
      { start: 0, end: 4 },
      { start: 2, end: 6 },
      { start: 5, end: 5 },
    ];
    expect(shown(markUnsupported('One. Two.', stretches))).toBe('«One.» Two.');
  });

  it('lets no text bring marks of its own', () => {
    expect(markUnsupported(`a${OPEN}b${SHUT}c`, [])).toBe('a\uFFFDb\uFFFDc');
  });
});

describe('cutAtMarks', () => {
  it('cuts, and takes a mark that is not closed as far as the end', () => {
    expect(cutAtMarks(`a ${OPEN}b${SHUT} c ${OPEN}d`)).toEqual([
      { text: 'a ', unsupported: false },
      { text: 'b', unsupported: true },
      { text: ' c ', unsupported: false },
      { text: 'd', unsupported: true },
    ]);
  });
});
