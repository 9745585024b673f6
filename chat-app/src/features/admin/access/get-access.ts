import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const stepSchema = v.object({ kind: v.string(), name: v.string(), id: v.nullable(v.string()) });
const pathSchema = v.object({
  steps: v.array(stepSchema),
  role: v.string(),
  expires: absent(v.string()),
  valid: v.boolean(),
  findable: v.boolean(),
});
const accessSchema = reads<Wire['AccessExplained']>()(
  v.object({
    file_id: v.string(),
    file: v.string(),
    person: v.string(),
    readable: v.boolean(),
    decided_by: v.string(),
    reason: v.string(),
    paths: v.array(pathSchema),
  }),
);

export type Access = v.InferOutput<typeof accessSchema>;
export type AccessPath = v.InferOutput<typeof pathSchema>;
export type AccessStep = v.InferOutput<typeof stepSchema>;

/** Why somebody can or cannot read a file. */
export const accessQueryOptions = (fileId: string, person: string) =>
  queryOptions({
    queryKey: ['admin', 'access', fileId, person],
    queryFn: ({ signal }) => getJson(adminPaths.access(fileId, person), accessSchema, signal),
    enabled: fileId !== '',
    staleTime: 0,
  });

const namedSchema = reads<Wire['FolderPage']>()(
  v.object({
    items: v.array(v.object({ kind: v.optional(v.string(), 'folder'), id: v.string(), name: v.string() })),
  }),
);

/** Files whose names have words that begin so, among those the administrator may open. */
export const namedFilesQueryOptions = (words: string) =>
  queryOptions({
    queryKey: ['admin', 'named', words],
    queryFn: async ({ signal }) =>
      (await getJson(adminPaths.fileSearch(words), namedSchema, signal)).items.filter(
        ({ kind }) => kind === 'file',
      ),
    enabled: words !== '',
    staleTime: 60_000,
  });
