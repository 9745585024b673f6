import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const spanSchema = v.object({ cost: v.number(), saved_by_caches: v.number(), questions: v.number() });
const summarySchema = reads<Wire['CostSummary']>()(
  v.object({
    currency: v.optional(v.string(), 'USD'),
    today: spanSchema,
    month: spanSchema,
    forecast: v.number(),
  }),
);

/** What Docent costs: today, this month, and what the month comes to. */
export const costsQueryOptions = () =>
  queryOptions({
    queryKey: ['costs'],
    queryFn: ({ signal }) => getJson(paths.costs, summarySchema, signal),
  });
