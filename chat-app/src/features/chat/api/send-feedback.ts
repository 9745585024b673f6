import { paths } from '@/config/paths';
import { change } from '@/lib/api-client';
import type { Wire } from '@/lib/wire';

/** Says what somebody thinks of an answer of theirs; what was said before is replaced. Throws as `change` does. */
export async function sendFeedback(messageId: string, rating: Wire['Rated']): Promise<void> {
  await change('POST', paths.feedback(messageId), rating);
}
