import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import type { Conversation, Turn } from '@/features/chat/conversation';
import { getJson } from '@/lib/api-client';
import { contradictionSchema, reads, sourceSchema, stretchSchema, type Wire } from '@/lib/wire';

const messageSchema = reads<Wire['SharedMessage']>()(
  v.object({
    id: v.optional(v.string(), ''),
    question: v.string(),
    answer: v.string(),
    withheld: v.boolean(),
    sources: v.array(sourceSchema),
    declined: v.boolean(),
    degraded: v.boolean(),
    unsupported: v.array(stretchSchema),
    conflicts: v.array(contradictionSchema),
  }),
);

const ownSchema = reads<Wire['ConversationOpened']>()(
  v.object({ id: v.string(), title: v.string(), messages: v.array(messageSchema) }),
);

const sharedSchema = reads<Wire['SharedConversation']>()(
  v.object({ title: v.string(), shared_at: v.string(), messages: v.array(messageSchema) }),
);

/** What was read of a conversation. `sharedAt` says that it is a colleague's, as it stood then. */
export interface OpenedConversation {
  title: string;
  sharedAt: string;
  conversation: Conversation;
}

// Rights are asked for again each time; a copy here must not outlive their withdrawal for long.
const FRESH = { staleTime: 0, gcTime: 60_000 } as const;

/** One's own conversation. 404 when there is none of this id. */
export const conversationQueryOptions = (id: string) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: async ({ signal }): Promise<OpenedConversation> => {
      const { title, messages } = await getJson(paths.conversation(id), ownSchema, signal);
      return { title, sharedAt: '', conversation: { id, turns: messages.map(turnOf) } };
    },
    ...FRESH,
  });

/** What a colleague shared. 404 when it is not, or no longer, shared with the reader's organisation. */
export const sharedQueryOptions = (shareId: string) =>
  queryOptions({
    queryKey: ['shared', shareId],
    queryFn: async ({ signal }): Promise<OpenedConversation> => {
      const { title, shared_at, messages } = await getJson(paths.shared(shareId), sharedSchema, signal);
      return { title, sharedAt: shared_at, conversation: { id: '', turns: messages.map(turnOf) } };
    },
    ...FRESH,
  });

function turnOf(message: v.InferOutput<typeof messageSchema>, at: number): Turn {
  const { id, question, answer, withheld, sources, declined, degraded, unsupported, conflicts } = message;
  return {
    id: `old-${at}`,
    question,
    understood: '',
    requestId: '',
    messageId: id,
    scope: '',
    sources,
    answer,
    unsupported,
    status: {
      kind: 'answered',
      declined,
      degraded,
      computed: false,
      withheld,
      nearest: [],
      conflicts,
      whole: null,
    },
  };
}
