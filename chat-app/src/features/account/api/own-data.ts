import * as v from 'valibot';

import { ERASURE_TIMEOUT_MS } from '@/config/limits';
import { paths } from '@/config/paths';
import { send } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const receiptSchema = reads<Wire['ErasureReceipt']>()(
  v.object({
    receipt: v.string(),
    started_at: v.string(),
    finished_at: v.string(),
    counts: v.record(v.string(), v.number()),
  }),
);

/** What was erased: how much, by store, under a number to ask about. */
export type Receipt = v.InferOutput<typeof receiptSchema>;

/** Everything that Docent keeps about the person, as JSON. Throws as `send` does. */
export const exportOwnData = async (): Promise<Blob> => (await send(paths.userExport)).blob();

/** Erases everything about the person and ends their sessions. Throws as `send` does; asking again goes on. */
export async function eraseMe(): Promise<Receipt> {
  const response = await send(paths.user, {
    method: 'DELETE',
    signal: AbortSignal.timeout(ERASURE_TIMEOUT_MS),
  });
  return v.parse(receiptSchema, await response.json());
}
