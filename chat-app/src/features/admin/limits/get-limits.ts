import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { change, getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const windowFields = { window: v.string(), most: v.number() };
const limitsSchema = reads<Wire['LimitsState']>()(
  v.object({
    enabled: v.boolean(),
    tiers: v.record(v.string(), v.array(v.object(windowFields))),
    organisation: v.array(v.object({ ...windowFields, left: v.number() })),
    address: v.array(v.object(windowFields)),
    budgets: v.object({
      organisation: v.nullable(v.number()),
      person: v.nullable(v.number()),
      spent: v.number(),
    }),
  }),
);
const layerSchema = v.object({
  memory_hits: v.number(),
  store_hits: v.number(),
  misses: v.number(),
  stale: v.number(),
  stored_entries: v.nullable(v.number()),
  stored_bytes: v.nullable(v.number()),
  oldest_seconds: v.nullable(v.number()),
});
const cacheSchema = reads<Wire['StatusJson']>()(
  v.object({
    layers: v.record(v.string(), layerSchema),
    saved: v.number(),
    shared_answers: v.number(),
    not_modified: v.number(),
  }),
);

export type Limits = v.InferOutput<typeof limitsSchema>;
export type Cache = v.InferOutput<typeof cacheSchema>;

/** What everybody may ask and spend, and what is left of it now. */
export const limitsQueryOptions = () =>
  queryOptions({
    queryKey: ['admin', 'limits'],
    queryFn: ({ signal }) => getJson(adminPaths.limits, limitsSchema, signal),
  });

/** What the caches hold and have saved, today. */
export const cacheQueryOptions = () =>
  queryOptions({
    queryKey: ['admin', 'cache'],
    queryFn: ({ signal }) => getJson(adminPaths.cache, cacheSchema, signal),
  });

const clearedSchema = reads<Wire['Cleared']>()(v.object({ cleared: v.number() }));
const preloadedSchema = reads<Wire['Preloaded']>()(v.object({ questions: v.number() }));

/** Forgets everything that is cached; or fetches vectors of the newest questions. Resolves to how many. */
export function useCacheChange(what: 'clear' | 'preload') {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      if (what === 'clear') {
        const response = await change('POST', adminPaths.cacheClear, {});
        return v.parse(clearedSchema, await response.json()).cleared;
      }
      const response = await change('POST', adminPaths.cachePreload, {});
      return v.parse(preloadedSchema, await response.json()).questions;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: cacheQueryOptions().queryKey }),
  });
}
