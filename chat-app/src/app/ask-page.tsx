import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';

import { useOpenSource } from '@/app/use-open-source';
import { userQueryOptions, type User } from '@/features/auth/api/get-user';
import { PageTitle } from '@/components/ui/page-title';
import { SessionEnded } from '@/features/auth/components/session-ended';
import { collectionsQueryOptions } from '@/features/chat/api/get-collections';
import { SourcePreview } from '@/features/chat/components/answer/source-preview';
import { CollectionSelect } from '@/features/chat/components/collection-select';
import { Composer, isAskable } from '@/features/chat/components/composer';
import { Intro } from '@/features/chat/components/intro';
import { Suggestions } from '@/features/chat/components/suggestions';
import { TurnView } from '@/features/chat/components/turn-view';
import type { Turn } from '@/features/chat/conversation';
import { useConversation } from '@/features/chat/hooks/use-conversation';
import { useDraft } from '@/features/chat/hooks/use-draft';
import { useShortcuts } from '@/features/chat/hooks/use-shortcuts';
import { t } from '@/lib/messages';
import { isSignedOut } from '@/lib/problem';

// Not needed for the first answer's first word, so not part of the first load.
const OpenSource = lazy(async () => ({ default: (await import('@/app/open-source')).OpenSource }));

interface Props {
  user: User;
  /** True when the session ended while the page was open. */
  sessionEnded: boolean;
}

/** The page people work in: a conversation, the box below it, and a source beside it. */
export function AskPage({ user, sessionEnded }: Props) {
  const queries = useQueryClient();
  const box = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useDraft();
  const [collection, setCollection] = useState('');
  const collections = useQuery(collectionsQueryOptions()).data ?? [];
  const open = useOpenSource();
  const { conversation, busy, ask, stop, remove } = useConversation({
    onFailure: (question, problem) => {
      if (!isSignedOut(problem)) return;
      if (box.current?.value === '') setDraft(question);
      void queries.invalidateQueries({ queryKey: userQueryOptions().queryKey });
    },
  });
  const begun = conversation.turns.length > 0;
  const scope = collection === '' ? {} : { collection };

  const askDraft = () => {
    if (!busy && isAskable(draft)) {
      open.close();
      ask(draft.trim(), scope);
      setDraft('');
    }
    box.current?.focus();
  };
  const askAgain = (turn: Turn) => {
    open.close();
    remove(turn.id);
    ask(turn.question, scope);
    box.current?.focus();
  };
  useShortcuts({
    onSlash: () => box.current?.focus(),
    onEscape: () => {
      if (busy) stop();
      else open.close();
    },
  });

  return (
    <>
      <PageTitle text={t('page.ask')} />
      <div className="flex">
        <main
          id="main"
          tabIndex={-1}
          className={`mx-auto flex min-h-(--page-height) w-full max-w-[calc(var(--measure)+2.5rem)] min-w-0 flex-col px-5 outline-none ${begun ? '' : 'justify-center pb-[12dvh]'}`}
        >
          {begun ? <h1 className="sr-only">{t('turns.title')}</h1> : <Intro name={user.name ?? ''} />}
          <div className="flex-1 empty:hidden">
            {conversation.turns.map((turn, at) => (
              <TurnView
                key={turn.id}
                turn={turn}
                last={at === conversation.turns.length - 1}
                openNumber={open.numberIn(turn.id)}
                onOpenSource={open.show}
                onRetry={askAgain}
              />
            ))}
          </div>
          <div
            className={
              begun ? 'sticky bottom-0 bg-paper pt-2 pb-[max(1rem,env(safe-area-inset-bottom))]' : ''
            }
          >
            {sessionEnded && <SessionEnded />}
            <Composer
              draft={draft}
              busy={busy}
              inputRef={box}
              onDraft={setDraft}
              onAsk={askDraft}
              onStop={stop}
            >
              {collections.length > 1 && (
                <CollectionSelect collections={collections} value={collection} onChange={setCollection} />
              )}
            </Composer>
          </div>
          {!begun && (
            <Suggestions
              onChoose={(question) => {
                setDraft(question);
                box.current?.focus();
              }}
            />
          )}
          <SourcePreview />
        </main>
        <Suspense>
          {open.source && <OpenSource source={open.source} onClose={open.close} returnFocus={open.opener} />}
        </Suspense>
      </div>
    </>
  );
}
