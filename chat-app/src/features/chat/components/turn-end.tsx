import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { ProblemNote } from '@/components/ui/problem-note';
import type { Turn } from '@/features/chat/conversation';
import { t } from '@/lib/messages';
import { isSignedOut } from '@/lib/problem';

interface Props {
  turn: Turn;
  onRetry: (turn: Turn) => void;
}

/** How a turn ended, where it did not end well, and the way on. */
export function TurnEnd({ turn, onRetry }: Props) {
  const { status } = turn;
  const retry = (
    <Button
      className="mt-3"
      variant="outline"
      onClick={() => {
        onRetry(turn);
      }}
    >
      <Icon name="retry" />
      {t('turn.retry')}
    </Button>
  );
  switch (status.kind) {
    case 'searching':
    case 'answering':
    case 'answered':
      return null;
    case 'stopped':
      return (
        <div className="mt-4">
          <p className="text-ink-soft">{turn.answer === '' ? t('turn.stoppedEmpty') : t('turn.stopped')}</p>
          {retry}
        </div>
      );
    case 'cut-off':
      return (
        <div className="mt-4">
          <p className="border-s-3 border-danger bg-danger-wash px-4 py-3">
            <strong className="block text-danger">{t('turn.cutOff')}</strong>
            {turn.answer === '' ? t('turn.cutOffEmpty') : t('turn.cutOffText')}
          </p>
          {retry}
        </div>
      );
    case 'failed':
      return (
        <div className="mt-4">
          <ProblemNote problem={status.problem} />
          {!isSignedOut(status.problem) && retry}
        </div>
      );
  }
}
