import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import { useVerify, type Verdict } from '@/features/admin/audit/get-audit';
import { Failed } from '@/features/admin/components/failed';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** Reads the chain from its first entry, and says whether anything in it was changed, added or taken out. */
export function Verify() {
  const verifying = useVerify();
  return (
    <section aria-label={t('admin.verify')} className="border-y border-rule py-4">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Button
          variant="solid"
          aria-disabled={verifying.isPending}
          onClick={() => {
            if (!verifying.isPending) verifying.mutate();
          }}
        >
          {verifying.isPending ? t('admin.verify.going') : t('admin.verify')}
        </Button>
        <p className="min-w-0 flex-1 basis-64 text-[0.9375rem] text-ink-soft">{t('admin.verify.text')}</p>
      </div>
      <div role="status">{verifying.data && <Result verdict={verifying.data} />}</div>
      <Failed error={verifying.error} />
    </section>
  );
}

function Result({ verdict: { ok, entries, waiting, head, broken_at: broken, why } }: { verdict: Verdict }) {
  return (
    <div
      className={`mt-4 border-s-3 px-4 py-3 ${ok ? 'border-accent bg-well' : 'border-danger bg-danger-wash'}`}
    >
      <p className={`flex items-center gap-2 font-bold ${ok ? '' : 'text-danger'}`}>
        <Icon name={ok ? 'check' : 'close'} />
        {ok
          ? t('admin.verify.holds', { count: formatNumber(entries) })
          : t('admin.verify.broken', { seq: formatNumber(broken ?? 0) })}
      </p>
      {!ok && <p className="mt-1">{why}</p>}
      {!ok && <p className="mt-1">{t('admin.verify.brokenAdvice')}</p>}
      {waiting > 0 && <p className="mt-1">{t('admin.verify.waiting', { count: waiting })}</p>}
      {head !== '' && (
        <p className="mt-1 text-sm break-all text-ink-soft">
          {t('admin.verify.head')} <code className="font-mono select-all">{head}</code>
        </p>
      )}
    </div>
  );
}
