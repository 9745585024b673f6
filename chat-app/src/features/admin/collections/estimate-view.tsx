import { Figures } from '@/features/admin/components/figures';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import type { Estimate } from '@/features/admin/collections/get-estimate';
import { fileType, money } from '@/features/admin/format';
import { formatBytes, formatInstant, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** What reading a folder would take and cost, item by item. */
export function EstimateView({ estimate }: { estimate: Estimate }) {
  const { files, up_to_date: done, usd, items, kinds, fixed_per_month_usd: fixed } = estimate;
  return (
    <>
      <Figures
        figures={[
          {
            name: t('admin.estimate.price'),
            value: usd === null ? '–' : money(usd),
            ...(fixed !== null && { note: t('admin.estimate.fixed', { amount: money(fixed) }) }),
          },
          {
            name: t('admin.estimate.files'),
            value: formatNumber(files),
            ...(done > 0 && { note: t('admin.estimate.done', { count: done }) }),
          },
          { name: t('admin.estimate.size'), value: formatBytes(estimate.bytes) },
          {
            name: t('admin.estimate.characters'),
            value: formatNumber(estimate.characters, { notation: 'compact' }),
            ...(estimate.ocr_pages > 0 && {
              note: t('admin.estimate.pictures', { count: estimate.ocr_pages }),
            }),
          },
        ]}
      />
      {files === 0 && <p className="mt-4">{t('admin.estimate.nothing')}</p>}
      {!estimate.complete && <p className="mt-4 font-semibold">{t('admin.estimate.incomplete')}</p>}
      {estimate.unpriced.length > 0 && (
        <p className="mt-4 font-semibold">
          {t('admin.estimate.unpriced', { names: estimate.unpriced.join(', ') })}
        </p>
      )}
      {items.length > 0 && (
        <div className="mt-5">
          <NumbersTable
            caption={t('admin.estimate.items')}
            columns={[t('admin.costs.item'), t('admin.costs.quantity'), t('admin.estimate.price')]}
            rows={items.map((one) => [
              one.item,
              formatNumber(one.quantity),
              one.usd === null ? '–' : money(one.usd),
            ])}
          />
          <p className="mt-2 text-sm text-ink-soft">
            {t('admin.estimate.dated', {
              dated: formatInstant(estimate.prices_dated, { dateStyle: 'medium', timeZone: 'UTC' }),
            })}
          </p>
        </div>
      )}
      {kinds.length > 0 && (
        <details className="mt-4">
          <summary className="w-fit cursor-pointer text-[0.9375rem] text-ink-soft hover:text-ink">
            {t('admin.estimate.kinds')}
          </summary>
          <div className="mt-2">
            <NumbersTable
              caption={t('admin.estimate.kinds')}
              columns={[
                t('admin.estimate.kind'),
                t('admin.estimate.files'),
                t('admin.estimate.size'),
                t('admin.estimate.unreadable'),
              ]}
              rows={kinds.map((kind) => [
                fileType(kind.mime_type),
                formatNumber(kind.files),
                formatBytes(kind.bytes),
                formatNumber(kind.unreadable),
              ])}
            />
          </div>
        </details>
      )}
    </>
  );
}
