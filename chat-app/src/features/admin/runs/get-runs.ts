import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { runFields } from '@/features/admin/api/get-progress';
import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const runSchema = v.object(runFields);
const pageSchema = reads<Wire['RunPage']>()(v.object({ runs: v.array(runSchema) }));

export type Run = v.InferOutput<typeof runSchema>;

/** The newest runs of a collection; `newest` names the one that the progress tells of, so that a new one is fetched. */
export const runsQueryOptions = (collection: string, newest: string) =>
  queryOptions({
    queryKey: ['admin', 'runs', collection, newest],
    queryFn: async ({ signal }) => (await getJson(adminPaths.runs(collection), pageSchema, signal)).runs,
  });
