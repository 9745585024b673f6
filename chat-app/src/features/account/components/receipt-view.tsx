import { Button } from '@/components/ui/button';
import { Icon } from '@/components/ui/icon';
import type { Receipt } from '@/features/account/api/own-data';
import { formatInstant, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';
import { saveFile } from '@/lib/save-file';

interface Props {
  receipt: Receipt;
  onDone: () => void;
}

/** What was erased, to be kept by the person: nobody else can connect its number with them. */
export function ReceiptView({ receipt, onDone }: Props) {
  const counts = Object.entries(receipt.counts).filter(([, count]) => count > 0);
  return (
    <>
      <h1 className="page-heading">{t('receipt.title')}</h1>
      <p className="mt-2 max-w-prose text-ink-soft">{t('receipt.text')}</p>
      <p className="mt-6">
        {t('receipt.number')} <code className="font-mono break-all select-all">{receipt.receipt}</code>
      </p>
      <p className="text-ink-soft">{formatInstant(receipt.finished_at)}</p>
      <table className="grid-table mt-5">
        <thead>
          <tr>
            <th scope="col">{t('receipt.store')}</th>
            <th scope="col" className="align-end">
              {t('receipt.count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {counts.map(([store, count]) => (
            <tr key={store}>
              <td>{store}</td>
              <td className="align-end">{formatNumber(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="mt-6 flex flex-wrap gap-2">
        <Button
          variant="outline"
          onClick={() => {
            const text = JSON.stringify(receipt, null, 2);
            saveFile(new Blob([text], { type: 'application/json' }), 'docent-receipt.json');
          }}
        >
          <Icon name="download" />
          {t('receipt.save')}
        </Button>
        <Button variant="solid" onClick={onDone}>
          {t('receipt.done')}
        </Button>
      </div>
    </>
  );
}
