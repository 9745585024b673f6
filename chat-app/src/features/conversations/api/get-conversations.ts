import { infiniteQueryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const entrySchema = reads<Wire['ConversationEntry']>()(
  v.object({
    id: v.string(),
    title: v.string(),
    updated_at: v.string(),
    share: v.nullable(v.object({ share_id: v.string(), shared_at: v.string() })),
  }),
);
const pageSchema = reads<Wire['ConversationPage']>()(
  v.object({ conversations: v.array(entrySchema), next_cursor: v.nullable(v.string()) }),
);

/** A conversation as it is listed. */
export type ConversationEntry = v.InferOutput<typeof entrySchema>;
export type ConversationListPage = v.InferOutput<typeof pageSchema>;

/** Every list of conversations, whatever was searched for. */
export const conversationsKey = ['conversations'] as const;

/** One's own conversations, newest first; with words, those whose title or questions have them. */
export const conversationsQueryOptions = (search: string) =>
  infiniteQueryOptions({
    queryKey: [...conversationsKey, search],
    queryFn: ({ pageParam, signal }) => getJson(paths.conversations(search, pageParam), pageSchema, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: ConversationListPage) => page.next_cursor,
    staleTime: 60_000,
  });
