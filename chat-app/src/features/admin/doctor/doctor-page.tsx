import { useQuery } from '@tanstack/react-query';

import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { diagnosisQueryOptions, type Finding } from '@/features/admin/doctor/get-diagnosis';
import { t } from '@/lib/messages';

/** What a sign-in needs, looked at one by one, each with what to do where it is ill. */
export function DoctorPage() {
  const diagnosis = useQuery(diagnosisQueryOptions());
  const again = () => {
    if (!diagnosis.isFetching) void diagnosis.refetch();
  };
  return (
    <AdminPage
      title={t('admin.doctor')}
      text={t('admin.doctor.text')}
      action={
        <Button variant="outline" aria-disabled={diagnosis.isFetching} onClick={again}>
          <Icon name="retry" />
          {t('admin.doctor.again')}
        </Button>
      }
    >
      <Loaded query={diagnosis} lines={10}>
        {({ ok, findings, forwarded, address }) => {
          const ill = findings.filter((one) => !one.ok);
          return (
            <>
              <p role="status" className={`text-lg font-bold ${ok ? '' : 'text-danger'}`}>
                {ok ? t('admin.doctor.well') : t('admin.doctor.ill', { count: ill.length })}
              </p>
              <ul className="mt-4 divide-y divide-rule border-y border-rule">
                {[...ill, ...findings.filter((one) => one.ok)].map((one) => (
                  <FindingRow key={one.name} finding={one} />
                ))}
              </ul>
              <p className="mt-4 text-[0.9375rem] text-ink-soft">
                {t('admin.doctor.address', { address, forwarded: forwarded.join(', ') || '–' })}
              </p>
            </>
          );
        }}
      </Loaded>
    </AdminPage>
  );
}

function FindingRow({ finding: { name, ok, says, fix } }: { finding: Finding }) {
  return (
    <li className="flex gap-3 py-3.5">
      <Icon name={ok ? 'check' : 'close'} className={`mt-0.5 size-5 ${ok ? 'text-accent' : 'text-danger'}`} />
      <div className="min-w-0">
        <h2 className="font-bold">
          {name}
          <span className="sr-only">{`: ${ok ? t('admin.doctor.fine') : t('admin.doctor.bad')}`}</span>
        </h2>
        <p className="wrap-anywhere">{says}</p>
        {fix !== '' && (
          <p className="mt-2 border-s-3 border-danger bg-danger-wash px-3 py-2 wrap-anywhere">
            <span className="font-semibold">{t('admin.doctor.fix')}</span> {fix}
          </p>
        )}
      </div>
    </li>
  );
}
