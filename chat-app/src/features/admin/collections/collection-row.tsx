import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';

import { Button, buttonClass } from '@/components/ui/button';
import { ExternalLink } from '@/components/ui/external-link';
import { useCancelRun, useSync, type Progress } from '@/features/admin/api/get-progress';
import { EstimateView } from '@/features/admin/collections/estimate-view';
import { estimateQueryOptions } from '@/features/admin/collections/get-estimate';
import { Removal } from '@/features/admin/collections/removal';
import { Failed } from '@/features/admin/components/failed';
import { Loaded } from '@/features/admin/components/loaded';
import { RunStanding } from '@/features/admin/components/run-standing';
import { FILE_STATES } from '@/features/admin/components/state-badge';
import { adminPages } from '@/features/admin/paths';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** A collection: what it reads, its files by state, how far it is, and what can be done about it. */
export function CollectionRow({ collection }: { collection: Progress }) {
  const { id, name, state, run, counts } = collection;
  const syncing = useSync();
  const cancelling = useCancelRun();
  const [priced, setPriced] = useState(false);
  const busy = state === 'syncing';
  return (
    <li className="py-5">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="text-lg font-bold wrap-anywhere">{name}</h2>
          <FolderName id={collection.folder_id} />
          <RunStanding collection={collection} />
        </div>
        {state !== 'removing' && (
          <div className="flex flex-wrap gap-2">
            {busy && run !== null ? (
              <Button
                variant="danger"
                aria-disabled={cancelling.isPending}
                onClick={() => {
                  if (!cancelling.isPending) cancelling.mutate(run.id);
                }}
              >
                {t('admin.cancel')}
              </Button>
            ) : (
              <Button
                variant="outline"
                aria-disabled={syncing.isPending || busy}
                onClick={() => {
                  if (!syncing.isPending && !busy) syncing.mutate({ collection: id });
                }}
              >
                {t('admin.sync')}
              </Button>
            )}
            <Button
              variant="quiet"
              aria-expanded={priced}
              onClick={() => {
                setPriced(!priced);
              }}
            >
              {t('admin.price')}
            </Button>
            <Link href={adminPages.runsOf(id)} className={buttonClass('quiet')}>
              {t('admin.runs')}
            </Link>
            <Removal collection={collection} />
          </div>
        )}
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem]">
        {FILE_STATES.map((one) => (
          <li key={one}>
            <Link
              href={adminPages.filesOf(id, one)}
              className="flex gap-1.5 text-ink-soft hover:text-ink hover:underline"
            >
              {t(`admin.state.${one}`)}{' '}
              <span className="font-bold text-ink tabular-nums">{formatNumber(counts[one] ?? 0)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Failed error={syncing.error ?? cancelling.error} />
      {priced && <Price folderId={collection.folder_id} />}
    </li>
  );
}

function FolderName({ id }: { id: string }) {
  return (
    <p className="text-[0.9375rem] text-ink-soft">
      {id === 'everything' || id === 'shared-with-me' ? (
        t(`admin.way.${id}`)
      ) : (
        <ExternalLink
          href={`https://drive.google.com/drive/folders/${encodeURIComponent(id)}`}
          label={t('admin.folder')}
        />
      )}
    </p>
  );
}

/** What reading what is not yet read would cost. */
function Price({ folderId }: { folderId: string }) {
  const estimate = useQuery(estimateQueryOptions(folderId));
  return (
    <div className="mt-4 border-s-3 border-rule ps-4" aria-live="polite" aria-busy={estimate.isPending}>
      <Loaded query={estimate} lines={4}>
        {(found) => <EstimateView estimate={found} />}
      </Loaded>
    </div>
  );
}
