import { describe, expect, it } from 'vitest';

import { createEventParser, readEvents, StreamSilent, type ServerSentEvent } from '@/lib/sse';

const STREAM = [
  '\uFEFF: ping\r\n\r\n',
  'event: meta\r\ndata: {"question":"Wie groß ist Ærø? 🧭"}\r\n\r\n',
  'event:token\ndata: {"text":\ndata: "[1] ☕"}\n\n',
  ':ping\n\nid: 7\nretry: 10\nevent: nothing\n\n',
  'data\rdata:two\r\r',
  'event: done\ndata: {}\n\n',
  'event: unfinished\ndata: {}\n',
].join('');

const EVENTS: ServerSentEvent[] = [
  { name: 'meta', data: '{"question":"Wie groß ist Ærø? 🧭"}' },
  { name: 'token', data: '{"text":\n"[1] ☕"}' },
  { name: 'message', data: '\ntwo' },
  { name: 'done', data: '{}' },
];

const streamOf = (pieces: Uint8Array<ArrayBuffer>[], onCancel?: () => void) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel: () => onCancel?.(),
  });

async function collect(pieces: Uint8Array<ArrayBuffer>[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(streamOf(pieces), 1000)) events.push(event);
  return events;
}

describe('readEvents', () => {
  const bytes = new TextEncoder().encode(STREAM);

  it('reads the same events wherever the bytes are cut in two', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await collect([bytes.slice(0, cut), bytes.slice(cut)]), `cut at ${cut}`).toEqual(EVENTS);
    }
  });

  it('reads the same events from single bytes', async () => {
    expect(await collect(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
  });

  it('drops an event whose blank line never came', async () => {
    expect(await collect([new TextEncoder().encode('event: done\ndata: {}\n')])).toEqual([]);
  });

  it('lets go of the body when the reader has enough', async () => {
    let cancelled = false;
    const body = streamOf([bytes, bytes], () => {
      cancelled = true;
    });
    for await (const event of readEvents(body, 1000)) if (event.name === 'meta') break;
    expect(cancelled).toBe(true);
  });

  it('gives up on a body that has fallen silent', async () => {
    const silent = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    await expect(readEvents(silent, 5).next()).rejects.toBeInstanceOf(StreamSilent);
  });
});

describe('createEventParser', () => {
  it('reads the same events whatever the two cuts in a short text', () => {
    const text = 'event: a\r\ndata: 1\r\n\r\ndata: 2\r\r\ndata: 3\n\n';
    const whole = createEventParser()(text);
    expect(whole.map(({ data }) => data)).toEqual(['1', '2', '3']);
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const parse = createEventParser();
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(pieces.flatMap((piece) => parse(piece))).toEqual(whole);
      }
    }
  });
});
