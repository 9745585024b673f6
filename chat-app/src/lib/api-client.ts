/** The one door to the service: same origin, the session in its cookie, every refusal an ApiError. */
import * as v from 'valibot';

import { REQUEST_TIMEOUT_MS } from '@/config/limits';
import { ApiError, problemOf } from '@/lib/problem';

const UNAUTHORIZED = 401;
let renewal: Promise<boolean> | null = null;

/**
 * Sends a request and returns the response if it is a 2xx. Throws ApiError for others and what fetch throws.
 * A session that has run out is renewed once, and the request sent again: a 401 means that nothing was done.
 */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response = await fetch(path, { credentials: 'same-origin', ...init });
  if (response.status === UNAUTHORIZED && (await renewed())) {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

/** Whether the session could be renewed; requests that run out at the same moment share one renewal. */
function renewed(): Promise<boolean> {
  renewal ??= fetch('/auth/refresh', {
    method: 'POST',
    credentials: 'same-origin',
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
    .then((response) => response.ok)
    .catch(() => false)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}

/** GETs JSON of a known shape. Throws ApiError, ValiError when the shape is another, and what fetch throws. */
export async function getJson<S extends v.GenericSchema>(
  path: string,
  schema: S,
  signal: AbortSignal,
): Promise<v.InferOutput<S>> {
  const response = await send(path, {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  return v.parse(schema, await response.json());
}

/** Sends a change as JSON, and returns the response. Throws as `send` does. */
export function change(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Response> {
  return send(path, {
    method,
    ...(body !== undefined && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}
