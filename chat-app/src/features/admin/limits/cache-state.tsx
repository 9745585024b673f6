import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/ui/button';
import { Section } from '@/components/ui/section';
import { ConfirmDialog } from '@/features/admin/components/confirm-dialog';
import { Failed } from '@/features/admin/components/failed';
import { Figures } from '@/features/admin/components/figures';
import { Loaded } from '@/features/admin/components/loaded';
import { NumbersTable } from '@/features/admin/components/numbers-table';
import { duration, money, percent } from '@/features/admin/format';
import { cacheQueryOptions, useCacheChange, type Cache } from '@/features/admin/limits/get-limits';
import { formatBytes, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** The caches by layer, and the ways to empty and to warm them. */
export function CacheState() {
  const cache = useQuery(cacheQueryOptions());
  return (
    <Section title={t('admin.cache')} text={t('admin.cache.text')}>
      <Loaded query={cache}>
        {(found) => (
          <>
            <Figures
              figures={[
                { name: t('admin.cache.saved'), value: money(found.saved) },
                { name: t('admin.cache.shared'), value: formatNumber(found.shared_answers) },
                { name: t('admin.cache.unchanged'), value: formatNumber(found.not_modified) },
              ]}
            />
            <div className="mt-5">
              <Layers cache={found} />
            </div>
            <Changes />
          </>
        )}
      </Loaded>
    </Section>
  );
}

type Layer = Cache['layers'][string];

function hitRate({ memory_hits: memory, store_hits: store, misses, stale }: Layer): string {
  const asked = memory + store + misses + stale;
  return asked === 0 ? '–' : percent((memory + store) / asked);
}

function Layers({ cache }: { cache: Cache }) {
  const some = (value: number | null, format: (value: number) => string) =>
    value === null ? '–' : format(value);
  return (
    <NumbersTable
      caption={t('admin.cache')}
      columns={[
        t('admin.cache.layer'),
        t('admin.cache.rate'),
        t('admin.cache.hits'),
        t('admin.cache.misses'),
        t('admin.cache.entries'),
        t('admin.cache.size'),
        t('admin.cache.oldest'),
      ]}
      rows={Object.entries(cache.layers).map(([name, layer]) => [
        name === 'answers' || name === 'embeddings' || name === 'access' ? t(`admin.layer.${name}`) : name,
        hitRate(layer),
        formatNumber(layer.memory_hits + layer.store_hits),
        formatNumber(layer.misses + layer.stale),
        some(layer.stored_entries, formatNumber),
        some(layer.stored_bytes, formatBytes),
        some(layer.oldest_seconds, duration),
      ])}
    />
  );
}

function Changes() {
  const clearing = useCacheChange('clear');
  const preloading = useCacheChange('preload');
  const [asking, setAsking] = useState(false);
  return (
    <>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          variant="outline"
          aria-disabled={preloading.isPending}
          onClick={() => {
            if (!preloading.isPending) preloading.mutate();
          }}
        >
          {t('admin.cache.preload')}
        </Button>
        <Button
          variant="danger"
          onClick={() => {
            clearing.reset();
            setAsking(true);
          }}
        >
          {t('admin.cache.clear')}
        </Button>
      </div>
      <p role="status" className="mt-2 text-[0.9375rem] text-ink-soft">
        {clearing.isSuccess && t('admin.cache.cleared', { count: clearing.data })}
        {preloading.isSuccess && ` ${t('admin.cache.preloaded', { count: preloading.data })}`}
      </p>
      <Failed error={preloading.error} />
      {asking && (
        <ConfirmDialog
          title={t('admin.cache.clearTitle')}
          text={t('admin.cache.clearText')}
          action={t('admin.cache.clear')}
          busy={clearing.isPending}
          error={clearing.error}
          onConfirm={() => {
            clearing.mutate(undefined, {
              onSuccess: () => {
                setAsking(false);
              },
            });
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
