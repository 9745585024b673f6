/** Server-sent events out of a fetch body, as the HTML standard (section 9.2.6) parses them. */

export interface ServerSentEvent {
  name: string;
  data: string;
}

/** Thrown when a stream has said nothing, not even a ping, for too long. */
export class StreamSilent extends Error {
  override name = 'StreamSilent';
}

/**
 * A parser that takes text cut anywhere and returns the events completed by it.
 * An event counts as complete at its blank line; what is left at the end of a stream is dropped, as the standard says.
 */
export function createEventParser(): (text: string) => ServerSentEvent[] {
  let line = '';
  let name = '';
  let data: string[] = [];
  let atStart = true;
  let afterReturn = false;

  function endLine(): ServerSentEvent | undefined {
    if (line === '') {
      const event = data.length > 0 ? { name: name || 'message', data: data.join('\n') } : undefined;
      name = '';
      data = [];
      return event;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
    line = '';
    return undefined;
  }

  return (text) => {
    const events: ServerSentEvent[] = [];
    let rest = text;
    if (atStart && rest !== '') {
      rest = rest.replace(/^\uFEFF/, '');
      atStart = false;
    }
    if (afterReturn && rest !== '') {
      rest = rest.replace(/^\n/, '');
      afterReturn = false;
    }
    const pieces = rest.split(/\r\n|\r|\n/);
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      line += piece;
      const event = endLine();
      if (event) events.push(event);
    }
    line += last;
    if (rest.endsWith('\r')) afterReturn = true;
    return events;
  };
}

/**
 * The events of a body, in order, until it ends. Leaving the loop early cancels the body.
 * Rejects with StreamSilent after `silenceMs` without a byte, and with the body's own error when it breaks.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = createEventParser();
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, reader.read());
      if (done) return;
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    // A body that has already failed rejects here too; its error is on its way to the caller.
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StreamSilent(`no byte for ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
