import { QueryCache, QueryClient } from '@tanstack/react-query';

import { userQueryOptions } from '@/features/auth/api/get-user';
import { ApiError } from '@/lib/problem';

const MOST_RETRIES = 2;

const isRefusal = (error: Error) => error instanceof ApiError && error.status < 500;

/** The cache of what the service said. It repeats reads that broke (twice), never refused ones. */
export function createQueryClient(): QueryClient {
  const userKey = userQueryOptions().queryKey;
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        const lostSession =
          error instanceof ApiError && error.status === 401 && query.queryKey[0] !== userKey[0];
        if (lostSession) void client.invalidateQueries({ queryKey: userKey });
      },
    }),
    defaultOptions: {
      queries: { retry: (failures, error) => failures < MOST_RETRIES && !isRefusal(error) },
    },
  });
  return client;
}
