import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { ErrorBoundary } from '@/app/error-boundary';
import { createQueryClient } from '@/app/query-client';

/** What every page stands on. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <ErrorBoundary>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      </CSPProvider>
    </ErrorBoundary>
  );
}
