import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { vi } from 'vitest';

import { App } from '@/app/app';
import { Providers } from '@/app/providers';

import { MockApi } from '../../mock/api.js';

type Options = ConstructorParameters<typeof MockApi>[0];

/** The whole app against the mock service; fetch is the only thing replaced. */
export function renderApp(options?: Options) {
  const api = new MockApi(options);
  vi.stubGlobal('fetch', fetchFrom(api));
  return { api, user: renderPage() };
}

/** The whole app as it stands, and hands to use it with. */
export function renderPage() {
  const user = userEvent.setup();
  render(
    <Providers>
      <App />
    </Providers>,
  );
  return user;
}

/** A `fetch` whose other end is the mock: it streams, and an aborted request rejects as in a browser. */
export function fetchFrom(api: MockApi) {
  return (path: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(path, 'http://docent.test');
    const found = api.handle({
      method: init.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: typeof init.body === 'string' ? init.body : '',
    });
    if (found === undefined) return Promise.resolve(new Response('', { status: 404 }));
    const body = typeof found.body === 'string' ? found.body : streamOf(found.body, init.signal);
    return Promise.resolve(
      new Response(found.status === 204 ? null : body, { status: found.status, headers: found.headers }),
    );
  };
}

function streamOf(
  pieces: AsyncIterable<string>,
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      signal?.addEventListener('abort', () => {
        controller.error(signal.reason);
      });
      for await (const piece of pieces) {
        if (signal?.aborted) return;
        controller.enqueue(encoder.encode(piece));
      }
      controller.close();
    },
  });
}
