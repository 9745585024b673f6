import { Link, useLocation } from 'wouter';

import { adminPages } from '@/features/admin/paths';
import { t } from '@/lib/messages';

const PLACES = [
  'collections',
  'runs',
  'files',
  'costs',
  'limits',
  'people',
  'questions',
  'access',
  'audit',
  'doctor',
] as const;

/** Where an administrator can go. */
export function AdminNav() {
  const [path] = useLocation();
  const here = path === adminPages.add ? adminPages.collections : path;
  return (
    <nav aria-label={t('admin.title')} className="page pt-3 pb-0 sm:pt-8">
      <ul className="-ms-2.5 flex flex-wrap gap-x-0.5 border-b border-rule">
        {PLACES.map((place) => (
          <li key={place}>
            <Link
              href={adminPages[place]}
              aria-current={here === adminPages[place] ? 'page' : undefined}
              className="inline-flex min-h-10 items-center border-b-2 border-transparent px-2.5 text-[0.9375rem] text-ink-soft hover:text-ink aria-[current]:border-ink aria-[current]:font-semibold aria-[current]:text-ink"
            >
              {t(`admin.${place}`)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
