import { ShareBar } from '@/features/admin/charts/share-bars';
import { percent } from '@/features/admin/format';
import { t } from '@/lib/messages';

interface Props {
  budget: { state: string; share: number | null };
}

/** How much of the organisation's budget is used, and what that means for people. */
export function Budget({ budget: { state, share } }: Props) {
  if (share === null) return <p className="mt-5 text-ink-soft">{t('admin.budget.none')}</p>;
  const says = { warned: t('admin.budget.warned'), spent: t('admin.budget.spent') }[state];
  return (
    <div className="mt-6 max-w-prose">
      <p>{t('admin.budget.used', { share: percent(share) })}</p>
      <ShareBar share={share} />
      {says !== undefined && <p className="mt-2 font-semibold text-danger">{says}</p>}
    </div>
  );
}
