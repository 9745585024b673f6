import { useQuery } from '@tanstack/react-query';

import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { Section } from '@/components/ui/section';
import { Skeleton } from '@/components/ui/skeleton';
import { sessionsQueryOptions, useEndSessions, type Session } from '@/features/account/api/sessions';
import { formatAgo, formatInstant } from '@/lib/intl';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

/** Where the person is signed in, and the end of it. */
export function Sessions() {
  const sessions = useQuery(sessionsQueryOptions());
  const ending = useEndSessions();
  const others = (sessions.data ?? []).filter(({ current }) => !current).length;
  return (
    <Section title={t('sessions.title')} text={t('sessions.text')}>
      {ending.isError && <ProblemNote problem={asProblem(ending.error)} />}
      {sessions.isPending ? (
        <Skeleton label={t('app.loading')} lines={3} />
      ) : sessions.isError ? (
        <ProblemNote problem={asProblem(sessions.error)} />
      ) : (
        <ul className="divide-y divide-rule border-y border-rule">
          {sessions.data.map((session) => (
            <Row
              key={session.id}
              session={session}
              ending={ending.isPending}
              onEnd={() => {
                ending.mutate(session.id);
              }}
            />
          ))}
        </ul>
      )}
      {others > 0 && (
        <Button
          className="mt-4"
          variant="outline"
          aria-disabled={ending.isPending}
          onClick={() => {
            ending.mutate(undefined);
          }}
        >
          {t('sessions.endOthers', { count: others })}
        </Button>
      )}
    </Section>
  );
}

function Row({ session, ending, onEnd }: { session: Session; ending: boolean; onEnd: () => void }) {
  const device = session.device === '' ? t('sessions.unknownDevice') : session.device;
  return (
    <li className="flex min-h-16 items-center gap-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="font-semibold wrap-anywhere">{device}</p>
        <p className="text-[0.9375rem] text-ink-soft wrap-anywhere">
          {[
            session.place,
            t('sessions.since', { instant: formatInstant(session.created_at) }),
            session.current ? t('sessions.here') : t('sessions.seen', { ago: formatAgo(session.last_seen) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="quiet"
          aria-label={t('sessions.endName', { device })}
          aria-disabled={ending}
          onClick={onEnd}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  );
}
