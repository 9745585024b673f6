import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { send } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

/** An estimate lists the folder and reads some of its files. */
const PATIENCE_MS = 90_000;

const estimateSchema = reads<Wire['Estimated']>()(
  v.object({
    estimate: v.object({
      files: v.number(),
      up_to_date: v.number(),
      complete: v.boolean(),
      bytes: v.number(),
      pages: v.number(),
      ocr_pages: v.number(),
      characters: v.number(),
      chunks: v.number(),
      kinds: v.array(
        v.object({
          mime_type: v.string(),
          files: v.number(),
          bytes: v.number(),
          read: v.number(),
          unreadable: v.number(),
        }),
      ),
      items: v.array(v.object({ item: v.string(), quantity: v.number(), usd: v.nullable(v.number()) })),
      usd: v.nullable(v.number()),
      unpriced: v.array(v.string()),
      fixed_per_month_usd: v.nullable(v.number()),
      prices_dated: v.string(),
    }),
  }),
);

export type Estimate = v.InferOutput<typeof estimateSchema>['estimate'];

/** What reading a folder would take and cost. Nothing is written; asked once for a folder. */
export const estimateQueryOptions = (folderId: string) =>
  queryOptions({
    queryKey: ['admin', 'estimate', folderId],
    queryFn: async ({ signal }) => {
      const response = await send(adminPaths.estimate, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ folder_id: folderId }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      return v.parse(estimateSchema, await response.json()).estimate;
    },
    staleTime: 5 * 60_000,
    retry: false,
  });
