import type { AuditEntry } from '@/features/admin/audit/get-audit';
import { formatInstant, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

interface Props {
  entry: AuditEntry;
  onEvent: (event: string) => void;
  onPerson: (pseudonym: string) => void;
}

const linkClass =
  'rounded-[3px] text-start underline decoration-1 underline-offset-3 hover:decoration-2 break-all';

/** One entry: what happened, when, to whom and by whom; people are pseudonyms. */
export function AuditRow({ entry, onEvent, onPerson }: Props) {
  const { seq, at, event, actor, subject, request_id: request, details, hash } = entry;
  const people = [
    [t('admin.audit.by'), actor],
    ...(subject === actor ? [] : [[t('admin.audit.about'), subject] as const]),
  ].filter(([, pseudonym]) => pseudonym !== '') as [string, string][];
  return (
    <li className="py-3 text-[0.9375rem]">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <span className="text-ink-soft tabular-nums">{formatNumber(seq)}</span>
        <button
          type="button"
          className={`font-mono font-semibold ${linkClass}`}
          aria-label={t('admin.audit.onlyEvent', { event })}
          onClick={() => {
            onEvent(event);
          }}
        >
          {event}
        </button>
        <time dateTime={at} className="text-ink-soft">
          {formatInstant(at, { dateStyle: 'medium', timeStyle: 'medium' })}
        </time>
      </p>
      <p className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5">
        {people.map(([how, pseudonym]) => (
          <span key={how}>
            <span className="text-ink-soft">{how}</span>{' '}
            <button
              type="button"
              className={`font-mono ${linkClass}`}
              aria-label={t('admin.audit.onlyPerson', { person: pseudonym })}
              onClick={() => {
                onPerson(pseudonym);
              }}
            >
              {pseudonym}
            </button>
          </span>
        ))}
        {Object.entries(details).map(([name, value]) => (
          <span key={name} className="wrap-anywhere">
            <span className="text-ink-soft">{name}</span> {String(value)}
          </span>
        ))}
      </p>
      <details className="mt-0.5 text-sm text-ink-soft">
        <summary className="w-fit cursor-pointer hover:text-ink">{t('admin.audit.more')}</summary>
        <p className="mt-1 break-all">
          {t('admin.audit.request')}{' '}
          <code className="font-mono select-all">{request === '' ? '–' : request}</code>
        </p>
        <p className="break-all">
          {t('admin.audit.hash')} <code className="font-mono select-all">{hash}</code>
        </p>
      </details>
    </li>
  );
}
