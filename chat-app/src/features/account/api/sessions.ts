import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { change, getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const sessionSchema = reads<Wire['SessionEntry']>()(
  v.object({
    id: v.string(),
    device: v.string(),
    place: v.string(),
    created_at: v.string(),
    last_seen: v.string(),
    current: v.boolean(),
  }),
);
const listSchema = reads<Wire['SessionList']>()(v.object({ sessions: v.array(sessionSchema) }));

/** Somewhere the person is signed in. */
export type Session = v.InferOutput<typeof sessionSchema>;

/** Where the person is signed in, newest first. */
export const sessionsQueryOptions = () =>
  queryOptions({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await getJson(paths.sessions, listSchema, signal)).sessions,
  });

/** Ends a session by its id, or all but this one without an id. */
export function useEndSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string | undefined) =>
      change('DELETE', id === undefined ? paths.sessions : paths.session(id)),
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQueryOptions().queryKey }),
  });
}
