import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';

import { AskPage } from '@/app/ask-page';
import { ConversationProblem } from '@/app/conversation-problem';
import { PageSkeleton } from '@/app/page-skeleton';
import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { conversationQueryOptions } from '@/features/chat/api/get-conversation';
import { emptyConversation } from '@/features/chat/conversation';
import type { ChosenScope } from '@/features/chat/scope';
import { conversationsKey } from '@/features/conversations/api/get-conversations';
import { asProblem } from '@/lib/problem';

interface Props {
  user: User;
  sessionEnded: boolean;
  /** The conversation of the address; undefined for a new one. */
  conversationId: string | undefined;
  /** Counts the times a new conversation was asked for. */
  fresh: number;
  scope: ChosenScope;
  onScope: (scope: ChosenScope) => void;
}

interface Live {
  /** Which page this is: another one begins with nothing of this. */
  key: string;
  conversationId: string | undefined;
  /** True when the conversation began on this page, so that there is nothing to fetch. */
  own: boolean;
}

/** The page for a question, by its address. A conversation that gets its name here keeps its page. */
export function AskRoute({ conversationId, fresh, ...rest }: Props) {
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>({
    key: String(fresh),
    conversationId,
    own: conversationId === undefined,
  });
  const key = conversationId === undefined ? String(fresh) : live.key;
  if (conversationId !== live.conversationId || key !== live.key) {
    const own = conversationId === undefined;
    setLive({ key: own ? String(fresh) : conversationId, conversationId, own });
  }
  const page = {
    ...rest,
    onBegun: (id: string) => {
      setLive({ ...live, conversationId: id });
      navigate(pages.conversation(id), { replace: true });
    },
    onAnswered: () => void queries.invalidateQueries({ queryKey: conversationsKey }),
  };
  if (live.own) return <AskPage key={live.key} initial={emptyConversation} {...page} />;
  return <OpenedPage key={live.key} id={live.conversationId ?? ''} page={page} />;
}

type PageProps = Omit<Parameters<typeof AskPage>[0], 'initial'>;

/** A conversation of before. */
function OpenedPage({ id, page }: { id: string; page: PageProps }) {
  const opened = useQuery(conversationQueryOptions(id));
  if (opened.isPending) return <PageSkeleton narrow />;
  if (opened.isError)
    return <ConversationProblem problem={asProblem(opened.error)} onRetry={() => void opened.refetch()} />;
  return <AskPage {...page} initial={opened.data.conversation} />;
}
