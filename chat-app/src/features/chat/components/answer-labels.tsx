import type { TurnStatus } from '@/features/chat/conversation';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

type Answered = Extract<TurnStatus, { kind: 'answered' }>;

/** What kind of answer it is, where it is not the usual one. */
export function AnswerLabels({ status }: { status: Answered }) {
  return (
    <>
      {status.declined && <Label dashed text={t('turn.declined')} />}
      {status.withheld && (
        <>
          <Label dashed text={t('turn.withheld')} />
          <p className="text-ink-soft">{t('turn.withheldText')}</p>
        </>
      )}
      {status.degraded && (
        <>
          <Label text={t('turn.degraded')} />
          <p className="mb-4 text-ink-soft">{t('turn.degradedText')}</p>
        </>
      )}
      {status.whole !== null && status.whole.read < status.whole.of && (
        <>
          <Label text={t('turn.partly')} />
          <p className="mb-4 text-ink-soft">
            {t('turn.partlyText', {
              part: formatNumber(Math.floor((100 * status.whole.read) / status.whole.of) / 100, {
                style: 'percent',
              }),
            })}
          </p>
        </>
      )}
      {status.computed && (
        <>
          <Label text={t('turn.computed')} />
          <p className="mb-4 text-ink-soft">{t('turn.computedText')}</p>
        </>
      )}
    </>
  );
}

function Label({ text, dashed = false }: { text: string; dashed?: boolean }) {
  return (
    <p
      className={`mb-3 w-fit border px-2 py-0.5 text-[0.9375rem] font-bold ${dashed ? 'border-dashed border-ink-soft' : 'border-ink'}`}
    >
      {text}
    </p>
  );
}
