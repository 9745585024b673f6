import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { change, getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const REFRESH_MS = 2_000;

const collectionSchema = reads<Wire['CollectionProgress']>()(
  v.object({
    id: v.string(),
    name: v.string(),
    state: v.picklist(['syncing', 'idle']),
    counts: v.record(v.string(), v.number()),
    total: v.number(),
    files_per_second: v.number(),
    seconds_left: absent(v.number()),
    run: absent(v.object({ state: v.string(), started_at: v.string(), error: v.string() })),
  }),
);
const listSchema = reads<Wire['ProgressList']>()(v.object({ collections: v.array(collectionSchema) }));

/** A collection, its files by state, and how far its newest run is. */
export type Progress = v.InferOutput<typeof collectionSchema>;

/** Every collection; asked for again while one of them is being read. */
export const progressQueryOptions = () =>
  queryOptions({
    queryKey: ['progress'],
    queryFn: async ({ signal }) => (await getJson(paths.ingestStatus, listSchema, signal)).collections,
    refetchInterval: ({ state }) =>
      state.data?.some((one) => one.state === 'syncing') === true ? REFRESH_MS : false,
  });

/** Starts a sync of a collection. */
export function useSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (collection: string) => change('POST', paths.ingestSync, { collection }),
    onSettled: () => queries.invalidateQueries({ queryKey: progressQueryOptions().queryKey }),
  });
}
