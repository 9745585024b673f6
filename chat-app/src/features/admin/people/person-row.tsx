import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';

import { Button, buttonClass } from '@/components/ui/button';
import { money } from '@/features/admin/format';
import { adminPages } from '@/features/admin/paths';
import type { Someone } from '@/features/admin/people/get-people';
import { formatAgo, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

const PersonDialog = lazy(async () => ({
  default: (await import('@/features/admin/people/person-dialog')).PersonDialog,
}));
const SessionsDialog = lazy(async () => ({
  default: (await import('@/features/admin/people/sessions-dialog')).SessionsDialog,
}));

/** Somebody: what they may, what they used this month, and the ways to change that. */
export function PersonRow({ someone }: { someone: Someone }) {
  const [open, setOpen] = useState<'change' | 'sessions'>();
  const { subject, email, name, role, tier, spending, signed_in_at: seen } = someone;
  const close = () => {
    setOpen(undefined);
  };
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 py-3.5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold wrap-anywhere">{name === '' ? email : name}</span>
          {role === 'admin' && <span className="text-[0.9375rem]">{t('admin.role.admin')}</span>}
          {someone.erasing && <span className="font-semibold text-danger">{t('admin.people.erasing')}</span>}
        </p>
        <p className="text-[0.9375rem] text-ink-soft wrap-anywhere">
          {[email, t(`admin.tier.${tier}`), t('admin.people.seen', { ago: formatAgo(seen) })].join(' · ')}
        </p>
        {spending !== null && (
          <p className="mt-1 text-[0.9375rem] tabular-nums">
            {[
              t('admin.people.questions', { count: spending.questions }),
              t('admin.people.month', { amount: money(spending.month_dollars) }),
              t('admin.people.today', { amount: money(spending.today_dollars) }),
            ].join(' · ')}
          </p>
        )}
        <Own someone={someone} />
      </div>
      <div className="flex flex-wrap gap-1">
        <Button
          variant="quiet"
          aria-label={t('admin.people.changeName', { name: email })}
          onClick={() => {
            setOpen('change');
          }}
        >
          {t('admin.people.change')}
        </Button>
        <Button
          variant="quiet"
          aria-label={t('admin.people.sessionsName', { name: email })}
          onClick={() => {
            setOpen('sessions');
          }}
        >
          {t('admin.people.sessions')}
        </Button>
        <Link
          href={adminPages.auditOf(subject)}
          aria-label={t('admin.people.auditName', { name: email })}
          className={buttonClass('quiet')}
        >
          {t('admin.audit')}
        </Link>
      </div>
      <Suspense>
        {open === 'change' && <PersonDialog someone={someone} onClose={close} />}
        {open === 'sessions' && <SessionsDialog someone={someone} onClose={close} />}
      </Suspense>
    </li>
  );
}

/** The limits that are theirs alone. */
function Own({ someone: { spending } }: { someone: Someone }) {
  const { minute, hour, day, budget_dollars: budget } = spending?.limits ?? {};
  const own = [
    ...(['minute', 'hour', 'day'] as const).map((window) => {
      const most = { minute, hour, day }[window];
      return typeof most === 'number' && t(`admin.own.${window}`, { most: formatNumber(most) });
    }),
    typeof budget === 'number' && t('admin.own.budget', { amount: money(budget) }),
  ].filter(Boolean);
  if (own.length === 0) return null;
  return <p className="mt-1 text-[0.9375rem]">{t('admin.people.own', { limits: own.join(', ') })}</p>;
}
