import { useMutation, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import {
  conversationsKey,
  type ConversationEntry,
  type ConversationListPage,
} from '@/features/conversations/api/get-conversations';
import { change, send } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

type Lists = [readonly unknown[], InfiniteData<ConversationListPage> | undefined][];

const shareSchema = reads<Wire['Shared']>()(v.object({ share_id: v.string(), shared_at: v.string() }));

/** Shows a change in every list at once, and takes it back when the service refuses it. */
function useOptimistic<Given extends { id: string }>(
  send: (given: Given) => Promise<unknown>,
  edit: (entry: ConversationEntry, given: Given) => ConversationEntry | undefined,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onMutate: async (given: Given) => {
      await queries.cancelQueries({ queryKey: conversationsKey });
      const before: Lists = queries.getQueriesData({ queryKey: conversationsKey });
      editLists(queries, (entry) => (entry.id === given.id ? edit(entry, given) : entry));
      return before;
    },
    onError: (_error, _given, before) => {
      for (const [key, list] of before ?? []) queries.setQueryData(key, list);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: conversationsKey }),
  });
}

function editLists(queries: QueryClient, edit: (entry: ConversationEntry) => ConversationEntry | undefined) {
  queries.setQueriesData<InfiniteData<ConversationListPage>>(
    { queryKey: conversationsKey },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({
          ...page,
          conversations: page.conversations.flatMap((entry) => edit(entry) ?? []),
        })),
      },
  );
}

/** Gives a conversation another title. */
export const useRename = () =>
  useOptimistic(
    ({ id, title }: { id: string; title: string }) =>
      change('PATCH', paths.conversation(id), { title } satisfies Wire['Renamed']),
    (entry, { title }) => ({ ...entry, title }),
  );

/** Deletes a conversation, its messages and what was said about them. */
export const useDelete = () =>
  useOptimistic(
    ({ id }: { id: string }) => change('DELETE', paths.conversation(id)),
    () => undefined,
  );

/** Shares a conversation as it stands now with one's organisation; again: up to now, at the same address. */
export function useShare() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const response = await change('POST', paths.share(id));
      return v.parse(shareSchema, await response.json());
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: conversationsKey }),
  });
}

/** Ends the sharing of a conversation. */
export function useUnshare() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => change('DELETE', paths.share(id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: conversationsKey }),
  });
}

/** A conversation as Markdown. Throws as `send` does. */
export const exportConversation = async (id: string): Promise<Blob> =>
  (await send(paths.conversationExport(id))).blob();
