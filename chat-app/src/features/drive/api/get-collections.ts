import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const collectionSchema = v.object({ id: v.string(), name: v.string() });
const pageSchema = reads<Wire['CollectionList']>()(
  v.object({
    collections: v.array(collectionSchema),
    next_cursor: v.optional(v.nullable(v.string()), null),
  }),
);

/** A set of documents a question can be narrowed to. */
export type Collection = v.InferOutput<typeof collectionSchema>;

const MOST_PAGES = 20;

/** Every collection the person may ask, in the service's order. */
export const collectionsQueryOptions = () =>
  queryOptions({
    queryKey: ['collections'],
    queryFn: async ({ signal }) => {
      const collections: Collection[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const found: v.InferOutput<typeof pageSchema> = await getJson(
          paths.collections(cursor),
          pageSchema,
          signal,
        );
        collections.push(...found.collections);
        cursor = found.next_cursor;
        if (cursor === null) break;
      }
      return collections;
    },
    staleTime: 5 * 60_000,
  });
