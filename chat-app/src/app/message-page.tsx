import type { ReactNode } from 'react';

import { Wordmark } from '@/components/ui/wordmark';

interface Props {
  title: string;
  text: string;
  /** True when there is no frame around it, so that it brings the name itself. */
  alone?: boolean;
  children: ReactNode;
}

/** A page with one thing to say and one thing to do about it. */
export function MessagePage({ title, text, alone = false, children }: Props) {
  return (
    <main id="main" className="page flex min-h-(--page-height) flex-col" tabIndex={-1}>
      {alone && <Wordmark />}
      <div className="my-auto py-16">
        <h1 className="text-2xl font-bold text-balance">{title}</h1>
        <p className="mt-3 mb-8 max-w-prose text-ink-soft">{text}</p>
        {children}
      </div>
    </main>
  );
}
