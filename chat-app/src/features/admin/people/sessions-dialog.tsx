import { useQuery } from '@tanstack/react-query';

import { Loaded } from '@/features/admin/components/loaded';
import { ConfirmDialog } from '@/features/admin/components/confirm-dialog';
import {
  theirSessionsQueryOptions,
  useEndTheirSessions,
  type Someone,
} from '@/features/admin/people/get-people';
import { formatAgo } from '@/lib/intl';
import { t } from '@/lib/messages';

interface Props {
  someone: Someone;
  onClose: () => void;
}

/** Where somebody is signed in, and the end of it everywhere. */
export function SessionsDialog({ someone, onClose }: Props) {
  const sessions = useQuery(theirSessionsQueryOptions(someone.subject));
  const ending = useEndTheirSessions(someone.subject);
  const none = sessions.data?.length === 0;
  return (
    <ConfirmDialog
      title={t('admin.sessions.title')}
      text={t('admin.sessions.text', { name: someone.email })}
      action={t('admin.sessions.end')}
      busy={ending.isPending || sessions.isPending || none}
      error={ending.error}
      onConfirm={() => {
        ending.mutate(undefined, { onSuccess: onClose });
      }}
      onClose={onClose}
    >
      <Loaded query={sessions} lines={3}>
        {(found) =>
          found.length === 0 ? (
            <p>{t('admin.sessions.none')}</p>
          ) : (
            <ul className="divide-y divide-rule border-y border-rule">
              {found.map(({ id, device, place, last_seen: seen }) => (
                <li key={id} className="py-2">
                  <p className="font-semibold wrap-anywhere">
                    {device === '' ? t('admin.sessions.unknown') : device}
                  </p>
                  <p className="text-[0.9375rem] text-ink-soft">
                    {[place, t('admin.people.seen', { ago: formatAgo(seen) })].filter(Boolean).join(' · ')}
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </ConfirmDialog>
  );
}
