import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { change, getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const folderSchema = v.object({
  kind: v.optional(v.literal('folder'), 'folder'),
  id: v.string(),
  name: v.string(),
});
const fileSchema = v.object({
  kind: v.literal('file'),
  id: v.string(),
  name: v.string(),
  mime_type: v.string(),
  link: v.string(),
  state: v.string(),
  reason: v.string(),
});
const pageSchema = reads<Wire['FolderPage']>()(
  v.object({
    folder: v.nullable(folderSchema),
    items: v.array(v.union([fileSchema, folderSchema])),
    next_cursor: v.nullable(v.string()),
  }),
);
const pagesSchema = v.object({ folders: v.array(pageSchema) });

export type FolderItem = v.InferOutput<typeof folderSchema>;
/** A file, and how far it has been read. */
export type FileItem = v.InferOutput<typeof fileSchema>;
export type TreeItem = FolderItem | FileItem;
type Page = v.InferOutput<typeof pageSchema>;

/** A folder, or the top of a collection. */
export type Place = { folder_id: string } | { collection: string };

const FRESH_MS = 60_000;
const MOST_AT_ONCE = 20;

/** What a place holds, page by page, folders first. 404 when Drive does not show it to the person. */
export const placeQueryOptions = (place: Place) =>
  infiniteQueryOptions({
    queryKey: ['tree', place],
    queryFn: ({ pageParam, signal }) => getJson(paths.folders(place, pageParam), pageSchema, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
    staleTime: FRESH_MS,
  });

/** Folders and files by the beginnings of the words of their names. */
export const namedQueryOptions = (words: string) =>
  queryOptions({
    queryKey: ['tree', 'named', words],
    queryFn: async ({ signal }) => (await getJson(paths.folderSearch(words), pageSchema, signal)).items,
    enabled: words !== '',
    staleTime: FRESH_MS,
  });

/** Fetches the first pages of folders that will probably be opened, in one request. What fails is fetched when opened. */
export async function prefetchFolders(queries: QueryClient, folders: readonly FolderItem[]): Promise<void> {
  const unknown = folders
    .map(({ id }) => id)
    .filter((id) => queries.getQueryState(placeQueryOptions({ folder_id: id }).queryKey) === undefined)
    .slice(0, MOST_AT_ONCE);
  if (unknown.length === 0) return;
  try {
    const body: Wire['Several'] = { folders: unknown };
    const response = await change('POST', paths.folderBatch, body);
    for (const page of v.parse(pagesSchema, await response.json()).folders) {
      if (page.folder === null) continue;
      const { queryKey } = placeQueryOptions({ folder_id: page.folder.id });
      queries.setQueryData(queryKey, { pages: [page], pageParams: [null] });
    }
  } catch {
    // Nobody asked for it yet.
  }
}
