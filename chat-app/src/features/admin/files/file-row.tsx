import { Link } from 'wouter';

import { Button, buttonClass } from '@/components/ui/button';
import { ExternalLink } from '@/components/ui/external-link';
import { useReindex } from '@/features/admin/api/get-progress';
import { Failed } from '@/features/admin/components/failed';
import { StateBadge } from '@/features/admin/components/state-badge';
import type { LedgerFile } from '@/features/admin/files/get-files';
import { fileType, money } from '@/features/admin/format';
import { adminPages } from '@/features/admin/paths';
import { formatAgo, formatNumber } from '@/lib/intl';
import { t } from '@/lib/messages';

/** A file: its state, why it is so, what was read of it, and the ways to read it anew or to see who may open it. */
export function FileRow({ file }: { file: LedgerFile }) {
  const reindexing = useReindex();
  const waits = file.state === 'pending' || reindexing.isPending;
  const name = file.file === '' ? file.file_id : file.file;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 py-3.5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <ExternalLink href={file.link} label={name} />
          <StateBadge state={file.state} />
        </p>
        {file.reason !== '' && <p className="mt-1 wrap-anywhere">{file.reason}</p>}
        {file.warnings.map((warning) => (
          <p key={warning} className="mt-1 text-[0.9375rem] text-ink-soft wrap-anywhere">
            {warning}
          </p>
        ))}
        <p className="mt-1 text-[0.9375rem] text-ink-soft">{known(file)}</p>
        <Failed error={reindexing.error} />
      </div>
      <div className="flex flex-wrap gap-1">
        <Button
          variant="quiet"
          aria-label={t('admin.files.againName', { name })}
          aria-disabled={waits}
          onClick={() => {
            if (!waits) reindexing.mutate(file.file_id);
          }}
        >
          {t('admin.files.again')}
        </Button>
        <Link
          href={adminPages.accessTo(file.file_id)}
          aria-label={t('admin.files.accessName', { name })}
          className={buttonClass('quiet')}
        >
          {t('admin.files.access')}
        </Link>
      </div>
    </li>
  );
}

/** What is known of the file, in one line. */
function known(file: LedgerFile): string {
  return [
    fileType(file.mime_type),
    file.pages > 0 && t('admin.files.pages', { count: file.pages }),
    file.chunks > 0 && t('admin.files.passages', { count: file.chunks }),
    file.characters > 0 && t('admin.files.characters', { count: formatNumber(file.characters) }),
    file.cost_usd > 0 && money(file.cost_usd),
    file.attempts > 1 && t('admin.files.attempts', { count: file.attempts }),
    file.next_try !== null && t('admin.files.nextTry', { when: formatAgo(file.next_try) }),
  ]
    .filter(Boolean)
    .join(' · ');
}
