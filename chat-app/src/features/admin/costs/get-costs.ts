import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const spanFields = { cost: v.number(), saved_by_caches: v.number(), questions: v.number() };
const amounts = v.record(v.string(), v.number());
const summarySchema = reads<Wire['CostSummary']>()(
  v.object({
    prices_dated: v.string(),
    today: v.object(spanFields),
    month: v.object(spanFields),
    forecast: v.number(),
    per_1000_questions: v.nullable(v.number()),
    fixed_per_month: amounts,
    by_model: amounts,
    by_collection: amounts,
    items: amounts,
    unpriced: v.array(v.string()),
    budget: v.object({ state: v.string(), share: v.nullable(v.number()) }),
    days: v.array(v.object({ ...spanFields, day: v.string() })),
  }),
);

export type Costs = v.InferOutput<typeof summarySchema>;

/** What Docent costs: today, this month and where it goes, by day, model and collection. */
export const costsQueryOptions = () =>
  queryOptions({
    queryKey: ['admin', 'costs'],
    queryFn: ({ signal }) => getJson(adminPaths.costs, summarySchema, signal),
  });
