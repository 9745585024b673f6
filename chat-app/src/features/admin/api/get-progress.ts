import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { change, getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const REFRESH_MS = 2_000;

export const runFields = {
  id: v.string(),
  kind: v.picklist(['changes', 'listing', 'reconcile', 'removal']),
  state: v.picklist(['queued', 'listing', 'done', 'failed', 'cancelled']),
  started_at: v.string(),
  ended_at: absent(v.string()),
  listed: v.number(),
  queued: v.number(),
  removed: v.number(),
  drift: v.number(),
  dry_run: v.boolean(),
  error: v.string(),
};
const collectionSchema = reads<Wire['CollectionProgress']>()(
  v.object({
    id: v.string(),
    name: v.string(),
    folder_id: v.string(),
    state: v.picklist(['syncing', 'idle', 'removing']),
    counts: v.record(v.string(), v.number()),
    total: v.number(),
    files_per_second: v.number(),
    seconds_left: absent(v.number()),
    run: absent(v.object({ ...runFields, done: v.number() })),
  }),
);
const listSchema = reads<Wire['ProgressList']>()(v.object({ collections: v.array(collectionSchema) }));

/** A collection, its files by state, and how far its newest run is. */
export type Progress = v.InferOutput<typeof collectionSchema>;

/** Every collection; asked for again while one of them is being read. */
export const progressQueryOptions = () =>
  queryOptions({
    queryKey: ['admin', 'progress'],
    queryFn: async ({ signal }) => (await getJson(adminPaths.status, listSchema, signal)).collections,
    refetchInterval: ({ state }) =>
      state.data?.some((one) => one.state !== 'idle') === true ? REFRESH_MS : false,
  });

/** Starts a run of a collection, or cancels one; then everything about reading is asked for anew. */
function useIngestChange<What>(send: (what: What) => Promise<Response>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () =>
      Promise.all(
        ['progress', 'runs', 'files'].map((what) => queries.invalidateQueries({ queryKey: ['admin', what] })),
      ),
  });
}

export const useSync = () =>
  useIngestChange((wanted: { collection: string; full?: boolean }) =>
    change('POST', adminPaths.sync, wanted),
  );

export const useCancelRun = () =>
  useIngestChange((runId: string) => change('POST', adminPaths.cancel(runId)));

export const useRemoval = () =>
  useIngestChange((collection: string) => change('DELETE', adminPaths.collection(collection)));

export const useReindex = () =>
  useIngestChange((fileId: string) => change('POST', adminPaths.reindex(fileId)));
