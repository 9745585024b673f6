import { infiniteQueryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const placeSchema = v.object({
  kind: v.picklist(['my-drive', 'drive', 'shared', 'folder']),
  id: v.string(),
  name: v.string(),
});
const pageSchema = reads<Wire['PlaceList']>()(
  v.object({ folders: v.array(placeSchema), next_cursor: v.nullable(v.string()) }),
);

export type Place = v.InferOutput<typeof placeSchema>;
type Page = v.InferOutput<typeof pageSchema>;

/** The folders in one, or with an empty id where one begins, as Docent's account sees them now. */
export const placesQueryOptions = (folderId: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'places', folderId],
    queryFn: ({ pageParam, signal }) => getJson(adminPaths.folders(folderId, pageParam), pageSchema, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
    staleTime: 60_000,
  });
