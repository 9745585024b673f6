import { infiniteQueryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const fileSchema = v.object({
  file_id: v.string(),
  file: v.string(),
  link: v.string(),
  mime_type: v.string(),
  state: v.picklist(['pending', 'indexed', 'partial', 'skipped', 'failed']),
  reason: v.string(),
  next_try: absent(v.string()),
  attempts: v.number(),
  chunks: v.number(),
  pages: v.number(),
  characters: v.number(),
  cost_usd: v.number(),
  principals: v.array(v.string()),
  warnings: v.array(v.string()),
});
const pageSchema = reads<Wire['FileList']>()(
  v.object({
    files: v.array(fileSchema),
    next_cursor: v.nullable(v.string()),
    counts: v.record(v.string(), v.number()),
    total: v.number(),
  }),
);

/** A file of the ledger: its state, and if it is not indexed, why not. */
export type LedgerFile = v.InferOutput<typeof fileSchema>;
type Page = v.InferOutput<typeof pageSchema>;

/** The files of a collection, in one state or in any, page by page. */
export const filesQueryOptions = (collection: string, state: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'files', collection, state],
    queryFn: ({ pageParam, signal }) =>
      getJson(adminPaths.files(collection, state, pageParam), pageSchema, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
  });
