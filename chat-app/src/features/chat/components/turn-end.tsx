import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { ProblemNote } from '@/components/ui/problem-note';
import type { Turn } from '@/features/chat/conversation';
import { t } from '@/lib/messages';
import { isSignedOut } from '@/lib/problem';

interface Props {
  turn: Turn;
  onRetry: ((turn: Turn) => void) | undefined;
  onEdit: ((turn: Turn) => void) | undefined;
}

/** How a turn ended, where it did not end well, and the way on. */
export function TurnEnd({ turn, onRetry, onEdit }: Props) {
  const { status } = turn;
  switch (status.kind) {
    case 'searching':
    case 'answering':
    case 'answered':
      return null;
    case 'stopped':
      return (
        <div className="mt-4">
          <p className="text-ink-soft">{turn.answer === '' ? t('turn.stoppedEmpty') : t('turn.stopped')}</p>
          <WaysOn turn={turn} onRetry={onRetry} onEdit={onEdit} />
        </div>
      );
    case 'cut-off':
      return (
        <div className="mt-4">
          <p className="border-s-3 border-danger bg-danger-wash px-4 py-3">
            <strong className="block text-danger">{t('turn.cutOff')}</strong>
            {turn.answer === '' ? t('turn.cutOffEmpty') : t('turn.cutOffText')}
          </p>
          <WaysOn turn={turn} onRetry={onRetry} onEdit={onEdit} />
        </div>
      );
    case 'failed':
      return (
        <div className="mt-4">
          <ProblemNote problem={status.problem} />
          {!isSignedOut(status.problem) && <WaysOn turn={turn} onRetry={onRetry} onEdit={onEdit} />}
        </div>
      );
  }
}

function WaysOn({ turn, onRetry, onEdit }: Props) {
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {onRetry && (
        <Button
          variant="outline"
          onClick={() => {
            onRetry(turn);
          }}
        >
          <Icon name="retry" />
          {t('turn.retry')}
        </Button>
      )}
      {onEdit && (
        <Button
          variant="quiet"
          onClick={() => {
            onEdit(turn);
          }}
        >
          <Icon name="edit" />
          {t('turn.edit')}
        </Button>
      )}
    </div>
  );
}
