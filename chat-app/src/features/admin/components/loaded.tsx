import type { ReactNode } from 'react';

import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { Skeleton } from '@/components/ui/skeleton';
import { t } from '@/lib/messages';
import { asProblem } from '@/lib/problem';

interface Query<Data> {
  data: Data | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface Props<Data> {
  query: Query<Data>;
  /** How many lines stand in its place while it is on its way. */
  lines?: number;
  children: (data: Data) => ReactNode;
}

/** What was asked of the service: on its way, there, or why not, with another try. */
export function Loaded<Data>({ query, lines = 5, children }: Props<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <Skeleton label={t('app.loading')} lines={lines} />;
  return (
    <div role="alert">
      <ProblemNote problem={asProblem(query.error)} />
      <Button variant="outline" className="mt-3" onClick={() => void query.refetch()}>
        {t('app.tryAgain')}
      </Button>
    </div>
  );
}
