import { t } from '@/lib/messages';

export const FILE_STATES = ['indexed', 'partial', 'pending', 'skipped', 'failed'] as const;
export type FileState = (typeof FILE_STATES)[number];

/** The state of a file, in words; what went wrong is marked by more than colour. */
export function StateBadge({ state }: { state: FileState }) {
  const bad = state === 'failed';
  return (
    <span
      className={`inline-flex shrink-0 items-center rounded-[4px] border px-1.5 text-sm ${
        bad ? 'border-danger font-semibold text-danger' : 'border-rule text-ink-soft'
      }`}
    >
      {t(`admin.state.${state}`)}
    </span>
  );
}
