import { infiniteQueryOptions, useMutation } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

/** Reading the whole chain takes as long as it is. */
const PATIENCE_MS = 120_000;

const entrySchema = v.object({
  seq: v.number(),
  at: v.string(),
  event: v.string(),
  actor: v.string(),
  subject: v.string(),
  request_id: v.string(),
  details: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  hash: v.string(),
});
const verifiedSchema = v.object({
  ok: v.boolean(),
  entries: v.number(),
  waiting: v.number(),
  head: v.string(),
  broken_at: v.nullable(v.number()),
  why: v.string(),
});
const pageSchema = reads<Wire['AuditPage']>()(
  v.object({
    entries: v.array(entrySchema),
    next_cursor: v.nullable(v.string()),
    verified: v.nullable(verifiedSchema),
  }),
);

export type AuditEntry = v.InferOutput<typeof entrySchema>;
export type Verdict = v.InferOutput<typeof verifiedSchema>;
type Page = v.InferOutput<typeof pageSchema>;

/** Entries of the trail, newest first, of an event and of a person where these are named. */
export const auditQueryOptions = (event: string, person: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'audit', event, person],
    queryFn: ({ pageParam, signal }) =>
      getJson(adminPaths.audit(event, person, pageParam), pageSchema, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
  });

/** Reads the whole chain, and says whether it holds. */
export const useVerify = () =>
  useMutation({
    mutationFn: async () =>
      (await getJson(adminPaths.auditVerify, pageSchema, AbortSignal.timeout(PATIENCE_MS))).verified,
  });
