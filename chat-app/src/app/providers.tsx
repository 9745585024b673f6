import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { Fragment, useState, useSyncExternalStore, type ReactNode } from 'react';

import { ErrorBoundary } from '@/app/error-boundary';
import { createQueryClient } from '@/app/query-client';
import { currentLanguage, onLanguage } from '@/lib/messages';

/** What every page stands on. A change of language draws everything anew. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  const language = useSyncExternalStore(onLanguage, currentLanguage);
  return (
    <Fragment key={language}>
      <ErrorBoundary alone>
        <CSPProvider disableStyleElements>
          <QueryClientProvider client={client}>{children}</QueryClientProvider>
        </CSPProvider>
      </ErrorBoundary>
    </Fragment>
  );
}
