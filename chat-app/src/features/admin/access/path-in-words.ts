import type { AccessPath, AccessStep } from '@/features/admin/access/get-access';
import { t } from '@/lib/messages';

const KINDS = ['person', 'group', 'domain', 'anyone', 'folder', 'file', 'shortcut'] as const;
export type StepKind = (typeof KINDS)[number];

/** The kind of a step; one we do not know is shown like a folder's. */
export const kindOf = ({ kind }: AccessStep): StepKind => KINDS.find((one) => one === kind) ?? 'folder';

/** What a step is called; one without a name, by its id. */
export const nameOf = (step: AccessStep): string =>
  kindOf(step) === 'anyone' ? t('admin.step.everyone') : step.name === '' ? (step.id ?? '') : step.name;

/** The path as a sentence, for those who cannot see the picture. */
export const pathInWords = ({ steps }: AccessPath): string =>
  steps
    .map((step) => t('admin.access.step', { kind: t(`admin.step.${kindOf(step)}`), name: nameOf(step) }))
    .join(' → ');
