import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { scopeFields, type ChosenScope } from '@/features/chat/scope';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const suggestedSchema = reads<Wire['Suggested']>()(
  v.object({
    suggestions: v.array(
      v.object({ question: v.string(), file_id: v.string(), file: v.string(), whole: v.boolean() }),
    ),
  }),
);

/** A question that the named file speaks to; to be put to that file alone when `whole`. */
export type Suggestion = v.InferOutput<typeof suggestedSchema>['suggestions'][number];

/** Questions that the person's own documents speak to. */
export const suggestionsQueryOptions = (scope: ChosenScope) =>
  queryOptions({
    queryKey: ['suggestions', scope.kind, scope.id],
    queryFn: async ({ signal }) =>
      (await getJson(paths.suggestions(scopeFields(scope)), suggestedSchema, signal)).suggestions,
    staleTime: 60_000,
  });
