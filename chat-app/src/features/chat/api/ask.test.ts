import { afterEach, describe, expect, it, vi } from 'vitest';
import { ValiError } from 'valibot';

import { ask, AnswerCutOff, type AnswerEvent } from '@/features/chat/api/ask';
import { ApiError } from '@/lib/problem';

const DONE = 'event: done\ndata: {"declined":true,"degraded":false,"usage":{"prompt_tokens":1}}\n\n';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Makes the next fetch answer with these pieces of a stream. */
function answerWith(...pieces: string[]) {
  const requests: { path: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    requests.push({ path, init });
    return Promise.resolve(new Response(new Blob(pieces).stream()));
  });
  return requests;
}

async function collect(signal = new AbortController().signal): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const event of ask({ message: 'Why?' }, signal)) events.push(event);
  return events;
}

describe('ask', () => {
  it('posts the question and asks for a stream', async () => {
    const requests = answerWith(DONE);
    await collect();
    expect(requests).toMatchObject([
      {
        path: '/chat',
        init: { method: 'POST', body: '{"message":"Why?"}', headers: { Accept: 'text/event-stream' } },
      },
    ]);
  });

  it('fills in what an event may leave out, and skips events and pings it does not know', async () => {
    answerWith(': ping\n\n', 'event: surprise\ndata: {}\n\n', 'event: toString\ndata: {}\n\n', DONE);
    expect(await collect()).toEqual([
      {
        name: 'done',
        data: {
          declined: true,
          degraded: false,
          computed: false,
          nearest: [],
          unsupported: [],
          conflicts: [],
          whole: null,
        },
      },
    ]);
  });

  it('ends at done even when more follows', async () => {
    answerWith(DONE, 'event: token\ndata: {"text":"late"}\n\n');
    expect(await collect()).toHaveLength(1);
  });

  it('takes a source whose place leaves fields out', async () => {
    const source = {
      n: 1,
      file_id: 'f',
      file: 'F',
      locator: { page: 2 },
      quote: 'q',
      link: 'l',
      passage_id: 'p',
    };
    answerWith(`event: sources\ndata: ${JSON.stringify([source])}\n\n`, DONE);
    const [sources] = await collect();
    expect(sources).toMatchObject({ data: [{ locator: { page: 2, slide: null, sheet: null } }] });
  });

  it.each([[[]], [['event: token\ndata: {"text":"half"}\n\n']], [['event: done\ndata: {}\n']]])(
    'says that an answer broke off when the stream ends as %j',
    async (pieces) => {
      answerWith(...pieces);
      await expect(collect()).rejects.toBeInstanceOf(AnswerCutOff);
    },
  );

  it('says that an answer broke off when the connection fails in its middle', async () => {
    const body = new ReadableStream({
      pull: (controller) => {
        controller.error(new TypeError('network'));
      },
    });
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(body)));
    await expect(collect()).rejects.toBeInstanceOf(AnswerCutOff);
  });

  it.each([['{"text":1}'], ['not json']])('refuses a token that is %s', async (data) => {
    answerWith(`event: token\ndata: ${data}\n\n`, DONE);
    await expect(collect()).rejects.toBeInstanceOf(ValiError);
  });

  it('passes on the problem of a refused question', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ title: 'Too many' }, { status: 429 })));
    await expect(collect()).rejects.toMatchObject({ problem: { status: 429, title: 'Too many' } });
    await expect(collect()).rejects.toBeInstanceOf(ApiError);
  });
});
