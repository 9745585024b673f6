import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/api-client';
import { locatorSchema, reads, type Wire } from '@/lib/wire';

const passageSchema = v.object({
  passage_id: v.string(),
  text: v.string(),
  locator: locatorSchema,
  cited: v.optional(v.boolean(), false),
});

const passagesSchema = reads<Wire['InPlace']>()(
  v.object({
    file_id: v.string(),
    file: v.string(),
    link: v.string(),
    passages: v.array(passageSchema),
  }),
);

/** A stretch of a file, whole. */
export type Passage = v.InferOutput<typeof passageSchema>;

/** The passages of a file around one of them, in the file's order. 404 when the person may not, or no longer, read it. */
export const passagesQueryOptions = (fileId: string, passageId: string, span: number) =>
  queryOptions({
    queryKey: ['passages', fileId, passageId, span],
    queryFn: ({ signal }) => getJson(paths.passages(fileId, passageId, span), passagesSchema, signal),
    // The service forgets a right to read within a minute of its withdrawal; a copy here must not outlive that.
    staleTime: 60_000,
    gcTime: 60_000,
  });
