import { MessagePage } from '@/app/message-page';
import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { t } from '@/lib/messages';
import type { Problem } from '@/lib/wire';

/** A conversation that could not be opened. */
export function ConversationProblem({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  if (problem.status === 404)
    return (
      <MessagePage title={t('conversation.gone.title')} text={t('conversation.gone.text')}>
        {null}
      </MessagePage>
    );
  return (
    <MessagePage title={t('conversation.failed.title')} text={t('conversation.failed.text')}>
      <ProblemNote problem={problem} />
      <Button className="mt-6" variant="solid" onClick={onRetry}>
        {t('app.tryAgain')}
      </Button>
    </MessagePage>
  );
}
