import type { ReactNode } from 'react';

import { PageTitle } from '@/components/ui/page-title';
import { t } from '@/lib/messages';

interface Props {
  title: string;
  /** What the page is for, in a sentence. */
  text: string;
  /** What one mostly comes to do. */
  action?: ReactNode;
  children: ReactNode;
}

/** One of the administrators' pages: its name, what it is for, and its content. */
export function AdminPage({ title, text, action, children }: Props) {
  return (
    <>
      <PageTitle text={t('admin.page', { title })} />
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="page-heading">{title}</h1>
          <p className="mt-1.5 max-w-prose text-ink-soft">{text}</p>
        </div>
        {action}
      </div>
      {/* the first section gives up its own margin: what is loading in its place has none, so nothing moves */}
      <div className="mt-6 *:first:mt-0">{children}</div>
    </>
  );
}
