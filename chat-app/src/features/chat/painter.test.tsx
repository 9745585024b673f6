import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { PAINT_CHARACTERS } from '@/config/limits';
import { createPainter, type Token } from '@/features/chat/painter';

const certain = (text: string): Token => ({ text, unsupported: false });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the painter', () => {
  it('gathers what comes between two frames', async () => {
    const painted: Token[] = [];
    const painter = createPainter((token) => painted.push(token));
    for (const text of ['It ', 'is ', 'so.']) void painter.add(certain(text));
    void painter.add({ text: 'Maybe.', unsupported: true });
    expect(painted).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(painted).toEqual([certain('It is so.'), { text: 'Maybe.', unsupported: true }]);
  });

  it('paints an answer that comes all at once piece by piece, and takes no more until there is room', async () => {
    const painted: Token[] = [];
    const painter = createPainter((token) => painted.push(token));
    const text = '🧭'.repeat(PAINT_CHARACTERS * 2);
    let room = false;
    void painter
      .add(certain('a'))
      .then(() => painter.add(certain(text)))
      .then(() => {
        room = true;
      });
    await vi.advanceTimersByTimeAsync(70);
    expect(painted.length).toBeGreaterThan(0);
    expect(room).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    await painter.empty();
    expect(room).toBe(true);
    expect(Math.max(...painted.map((token) => token.text.length))).toBeLessThanOrEqual(PAINT_CHARACTERS);
    expect(painted.every((token) => !/^[\uDC00-\uDFFF]/.test(token.text))).toBe(true);
    expect(painted.map((token) => token.text).join('')).toBe(`a${text}`);
  });

  it('paints all of it where nobody looks, although the browser draws no frames there', async () => {
    const painted: Token[] = [];
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    vi.stubGlobal('requestAnimationFrame', () => 0);
    const painter = createPainter((token) => painted.push(token));
    const text = 'x'.repeat(PAINT_CHARACTERS * 5);
    void painter.add(certain(text));
    await vi.advanceTimersByTimeAsync(1000);
    await painter.empty();
    expect(painted).toEqual([certain(text)]);
  });
});
