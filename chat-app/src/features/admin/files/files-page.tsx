import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';

import { Choices } from '@/components/ui/choices';
import { AdminPage } from '@/features/admin/components/admin-page';
import { Loaded } from '@/features/admin/components/loaded';
import { MoreButton } from '@/features/admin/components/more-button';
import { OfCollection } from '@/features/admin/components/of-collection';
import { FILE_STATES } from '@/features/admin/components/state-badge';
import type { Progress } from '@/features/admin/api/get-progress';
import { FileRow } from '@/features/admin/files/file-row';
import { filesQueryOptions } from '@/features/admin/files/get-files';
import { formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

const BUSY_MS = 3_000;

/** Every file that Drive listed, with its state and the reason for it. */
export function FilesPage() {
  return (
    <AdminPage title={t('admin.files')} text={t('admin.files.text')}>
      <OfCollection>{(collection) => <Ledger key={collection.id} collection={collection} />}</OfCollection>
    </AdminPage>
  );
}

function Ledger({ collection }: { collection: Progress }) {
  const [search, setSearch] = useSearchParams();
  const state = FILE_STATES.find((one) => one === search.get('state')) ?? '';
  const { counts, total } = collection;
  const files = useInfiniteQuery({
    ...filesQueryOptions(collection.id, state),
    refetchInterval: (counts['pending'] ?? 0) > 0 ? BUSY_MS : false,
  });
  return (
    <>
      <div className="my-5">
        <Choices
          legend={t('admin.files.state')}
          value={state}
          choices={[
            { value: '', text: t('admin.files.all', { count: formatNumber(total) }) },
            ...FILE_STATES.map((value) => ({
              value,
              text: `${t(`admin.state.${value}`)} ${formatNumber(counts[value] ?? 0)}`,
            })),
          ]}
          onChoose={(chosen) => {
            setSearch(
              { collection: collection.id, ...(chosen !== '' && { state: chosen }) },
              { replace: true },
            );
          }}
        />
      </div>
      <Loaded query={files} lines={8}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.files);
          if (found.length === 0) return <p className="text-ink-soft">{t('admin.files.none')}</p>;
          return (
            <>
              <ul className="divide-y divide-rule border-y border-rule">
                {found.map((file) => (
                  <FileRow key={file.file_id} file={file} />
                ))}
              </ul>
              <MoreButton pages={files} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
