/** The one door to the service: same origin, the session in its cookie, every refusal an ApiError. */
import * as v from 'valibot';

import { REQUEST_TIMEOUT_MS } from '@/config/limits';
import { ApiError, problemOf } from '@/lib/problem';

/** Sends a request and returns the response if it is a 2xx. Throws ApiError for others and what fetch throws. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...init });
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
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
