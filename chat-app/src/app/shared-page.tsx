import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { ConversationProblem } from '@/app/conversation-problem';
import { PageSkeleton } from '@/app/page-skeleton';
import { useOpenSource } from '@/app/use-open-source';
import { PageTitle } from '@/components/ui/page-title';
import { sharedQueryOptions } from '@/features/chat/api/get-conversation';
import { SourcePreview } from '@/features/chat/components/answer/source-preview';
import { TurnView } from '@/features/chat/components/turn-view';
import { useShortcuts } from '@/features/chat/hooks/use-shortcuts';
import { formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

const OpenSource = lazy(async () => ({ default: (await import('@/app/open-source')).OpenSource }));

/** What a colleague shared, as far as the reader's own rights go. */
export function SharedPage({ shareId }: { shareId: string }) {
  const shared = useQuery(sharedQueryOptions(shareId));
  const open = useOpenSource();
  useShortcuts({ onSlash: () => undefined, onEscape: open.close });
  if (shared.isPending) return <PageSkeleton narrow />;
  if (shared.isError)
    return <ConversationProblem problem={asProblem(shared.error)} onRetry={() => void shared.refetch()} />;
  const { title, sharedAt, conversation } = shared.data;
  return (
    <div className="flex">
      <PageTitle text={t('page.shared')} />
      <main id="main" className="page page-narrow" tabIndex={-1}>
        <h1 className="page-heading" dir="auto">
          {title}
        </h1>
        <p className="mt-2 text-ink-soft">{t('shared.text', { instant: formatInstant(sharedAt) })}</p>
        {conversation.turns.map((turn) => (
          <TurnView
            key={turn.id}
            turn={turn}
            last={false}
            openNumber={open.numberIn(turn.id)}
            onOpenSource={open.show}
            onRetry={undefined}
          />
        ))}
        <SourcePreview />
      </main>
      <Suspense>
        {open.source && <OpenSource source={open.source} onClose={open.close} returnFocus={open.opener} />}
      </Suspense>
    </div>
  );
}
