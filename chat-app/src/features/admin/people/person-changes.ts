/** What a form about somebody says, against what is so. */
import type { PersonChange, Someone } from '@/features/admin/people/get-people';

const LIMITS = ['minute', 'hour', 'day', 'budget_dollars'] as const;
type Limit = (typeof LIMITS)[number];

/** The fields of the form; an empty limit means that the tier's holds. */
export interface PersonForm {
  role: Someone['role'];
  tier: Someone['tier'];
  limits: Record<Limit, string>;
}

/** What is so, as the form shows it. */
export function formOf({ role, tier, spending }: Someone): PersonForm {
  const shown = (limit: Limit) => {
    const number = spending?.limits[limit] ?? null;
    return number === null ? '' : String(number);
  };
  return {
    role,
    tier,
    limits: {
      minute: shown('minute'),
      hour: shown('hour'),
      day: shown('day'),
      budget_dollars: shown('budget_dollars'),
    },
  };
}

/** Limits that are no number one can set. */
export const wrongLimits = ({ limits }: PersonForm): Limit[] =>
  LIMITS.filter((limit) => {
    const text = limits[limit].trim();
    const number = Number(text);
    if (text === '') return false;
    return !(number > 0 && number <= 1_000_000 && (limit === 'budget_dollars' || Number.isInteger(number)));
  });

/** Only what is to be another; an emptied limit is sent as 0, which takes it back. */
export function changesOf(someone: Someone, form: PersonForm): PersonChange {
  const before = formOf(someone);
  const changed = LIMITS.filter((limit) => form.limits[limit].trim() !== before.limits[limit]);
  return {
    standing: {
      ...(form.role !== before.role && { role: form.role }),
      ...(form.tier !== before.tier && { tier: form.tier }),
    },
    limits: Object.fromEntries(changed.map((limit) => [limit, Number(form.limits[limit].trim())])),
  };
}

/** Whether there is anything to send. */
export const isChanged = ({ standing, limits }: PersonChange): boolean =>
  Object.keys(standing).length + Object.keys(limits).length > 0;
