import type { ReactNode } from 'react';

import { Wordmark } from '@/components/ui/wordmark';

interface Props {
  title: string;
  text: string;
  children: ReactNode;
}

/** A page with one thing to say and one thing to do about it. */
export function MessagePage({ title, text, children }: Props) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-(--measure) flex-col px-5 py-4">
      <Wordmark />
      <div className="my-auto py-16">
        <h1 className="text-2xl font-bold text-balance">{title}</h1>
        <p className="mt-3 mb-8 max-w-prose text-ink-soft">{text}</p>
        {children}
      </div>
    </main>
  );
}
