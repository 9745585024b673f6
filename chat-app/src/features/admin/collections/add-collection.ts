import { useMutation, useQueryClient } from '@tanstack/react-query';

import { progressQueryOptions } from '@/features/admin/api/get-progress';
import { adminPaths } from '@/features/admin/paths';
import { change } from '@/lib/api-client';

/** A collection to be made: its name for people, and the folder whose files it answers from. */
export interface NewCollection {
  name: string;
  folder_id: string;
}

/** An id that no collection has yet, out of the name where that has letters an id may have. */
export function idFor(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  const stem = plain === '' ? 'collection' : plain;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** Makes a collection and starts to read it. Resolves to its id. */
export function useAddCollection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: NewCollection) => {
      // Asked for now: an id that is taken would change somebody's collection.
      const known = await queries.query({ ...progressQueryOptions(), staleTime: 0 });
      const id = idFor(
        wanted.name,
        known.map((one) => one.id),
      );
      await change('PUT', adminPaths.collection(id), wanted);
      await change('POST', adminPaths.sync, { collection: id });
      return id;
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: progressQueryOptions().queryKey }),
        queries.invalidateQueries({ queryKey: ['collections'] }),
      ]),
  });
}
