import { REQUEST_TIMEOUT_MS } from '@/config/limits';
import { paths } from '@/config/paths';
import { send } from '@/lib/api-client';
import { ApiError } from '@/lib/problem';

/** Ends the session. A session that has already ended is as good. Throws ApiError and what fetch throws. */
export async function signOut(): Promise<void> {
  try {
    await send(paths.logout, { method: 'POST', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  }
}
