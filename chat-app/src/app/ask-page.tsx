import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useRef } from 'react';

import { ScopePicker } from '@/app/scope-picker';
import { useOpenSource } from '@/app/use-open-source';
import { PageTitle } from '@/components/ui/page-title';
import { userQueryOptions, type User } from '@/features/auth/api/get-user';
import { SessionEnded } from '@/features/auth/components/session-ended';
import { SourcePreview } from '@/features/chat/components/answer/source-preview';
import { Composer, isAskable } from '@/features/chat/components/composer';
import { Intro } from '@/features/chat/components/intro';
import { Suggestions } from '@/features/chat/components/suggestions';
import { TurnView } from '@/features/chat/components/turn-view';
import type { Conversation, Turn } from '@/features/chat/conversation';
import { useConversation } from '@/features/chat/hooks/use-conversation';
import { useDraft } from '@/features/chat/hooks/use-draft';
import { useShortcuts } from '@/features/chat/hooks/use-shortcuts';
import { scopeFields, type ChosenScope } from '@/features/chat/scope';
import { t } from '@/lib/messages';
import { isSignedOut, isUnreached } from '@/lib/problem';
import { useStable } from '@/lib/use-stable';

// Not needed for the first answer's first word, so not part of the first load.
const OpenSource = lazy(async () => ({ default: (await import('@/app/open-source')).OpenSource }));

interface Props {
  user: User;
  /** True when the session ended while the page was open. */
  sessionEnded: boolean;
  initial: Conversation;
  scope: ChosenScope;
  onScope: (scope: ChosenScope) => void;
  onBegun: (conversationId: string) => void;
  /** An answer has ended, well or not: lists of conversations have changed. */
  onAnswered: () => void;
}

/** The page people work in: a conversation, the box below it, and a source beside it. */
export function AskPage({ user, sessionEnded, initial, scope, onScope, onBegun, onAnswered }: Props) {
  const queries = useQueryClient();
  const box = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useDraft();
  const open = useOpenSource();
  const { conversation, busy, ask, stop, remove } = useConversation({
    initial,
    onBegun,
    onAnswered,
    onFailure: (question, problem) => {
      if (isSignedOut(problem) || isUnreached(problem)) keep(question);
      if (isSignedOut(problem)) void queries.invalidateQueries({ queryKey: userQueryOptions().queryKey });
    },
  });
  const keep = (question: string) => {
    if (box.current?.value === '') setDraft(question);
  };
  const begun = conversation.turns.length > 0;

  const askThis = (question: string, to: ChosenScope) => {
    open.close();
    ask(question, scopeFields(to), to.name);
    box.current?.focus();
  };
  const askDraft = () => {
    if (!busy && isAskable(draft)) {
      askThis(draft.trim(), scope);
      setDraft('');
    }
    box.current?.focus();
  };
  const askAgain = useStable((turn: Turn) => {
    if (turn.status.kind !== 'answered') remove(turn.id);
    if (draft === turn.question) setDraft('');
    askThis(turn.question, scope);
  });
  const edit = useStable((turn: Turn) => {
    setDraft(turn.question);
    box.current?.focus();
  });
  useShortcuts({
    onSlash: () => box.current?.focus(),
    onEscape: () => {
      if (busy) stop();
      else open.close();
    },
  });

  return (
    <div className="flex">
      <PageTitle text={t('page.ask')} />
      <main
        id="main"
        tabIndex={-1}
        className={`mx-auto flex min-h-(--page-height) w-full max-w-[calc(var(--measure)+2.5rem)] min-w-0 flex-col px-5 outline-none ${begun ? '' : 'pt-[min(16dvh,14rem)] pb-12'}`}
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
              onRetry={busy ? undefined : askAgain}
              onEdit={edit}
            />
          ))}
        </div>
        <div
          className={begun ? 'sticky bottom-0 bg-paper pt-2 pb-[max(1rem,env(safe-area-inset-bottom))]' : ''}
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
            <ScopePicker scope={scope} onChoose={onScope} />
          </Composer>
        </div>
        {!begun && (
          <Suggestions
            scope={scope}
            onChoose={({ question, whole, file_id, file }) => {
              if (whole) onScope({ kind: 'file', id: file_id, name: file });
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
  );
}
