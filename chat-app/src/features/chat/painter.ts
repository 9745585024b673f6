/** Brings the text of an answer to the screen at a calm rate, and never so much at once that the page stalls. */
import { PAINT_AT_LATEST_MS, PAINT_CHARACTERS, PAINT_INTERVAL_MS } from '@/config/limits';

export interface Token {
  text: string;
  unsupported: boolean;
}

export interface Painter {
  /** Takes text that came. The promise is kept when there is room for more. */
  add: (token: Token) => Promise<void>;
  /** Kept when all that was taken is painted. */
  empty: () => Promise<void>;
}

/** A painter that hands text to `paint`, gathered, before a frame of the browser, a bounded piece at a time. */
export function createPainter(paint: (token: Token) => void): Painter {
  let waiting: Token[] = [];
  let characters = 0;
  let next: Promise<void> | undefined;

  const paintSome = () => {
    const { now, later } = divide(waiting, document.hidden ? Infinity : PAINT_CHARACTERS);
    waiting = later;
    characters = later.reduce((sum, { text }) => sum + text.length, 0);
    for (const token of now) paint(token);
    next = undefined;
    if (later.length > 0) schedule();
  };
  const schedule = () => {
    next ??= frame().then(paintSome);
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) await next;
  };

  return {
    add: (token) => {
      const last = waiting.at(-1);
      if (last?.unsupported === token.unsupported) last.text += token.text;
      else waiting.push({ ...token });
      characters += token.text.length;
      schedule();
      return until(() => characters < PAINT_CHARACTERS);
    },
    empty: () => until(() => waiting.length === 0),
  };
}

/** What is painted now, of so many characters at most, and what is left. */
function divide(tokens: readonly Token[], most: number): { now: Token[]; later: Token[] } {
  const now: Token[] = [];
  const later: Token[] = [];
  let room = most;
  for (const token of tokens) {
    const cut = token.text.length <= room ? token.text.length : cutAt(token.text, room);
    if (cut > 0) now.push({ ...token, text: token.text.slice(0, cut) });
    if (cut < token.text.length) later.push({ ...token, text: token.text.slice(cut) });
    room = cut < token.text.length ? 0 : room - cut;
  }
  return { now, later };
}

/** No cut inside a character that is written as two. */
const cutAt = (text: string, room: number) =>
  room > 0 && /[\uD800-\uDBFF]/.test(text.charAt(room - 1)) ? room - 1 : room;

/** The browser's next frame after the interval. */
const frame = () =>
  new Promise<void>((resolve) => {
    setTimeout(() => {
      const late = setTimeout(drawn, PAINT_AT_LATEST_MS);
      const asked = requestAnimationFrame(drawn);
      function drawn() {
        clearTimeout(late);
        cancelAnimationFrame(asked);
        resolve();
      }
    }, PAINT_INTERVAL_MS);
  });
