import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const diagnosisSchema = reads<Wire['Diagnosis']>()(
  v.object({
    ok: v.boolean(),
    findings: v.array(v.object({ name: v.string(), ok: v.boolean(), says: v.string(), fix: v.string() })),
    forwarded: v.array(v.string()),
    address: v.string(),
  }),
);

export type Finding = v.InferOutput<typeof diagnosisSchema>['findings'][number];

/** What a sign-in needs, examined now. */
export const diagnosisQueryOptions = () =>
  queryOptions({
    queryKey: ['admin', 'doctor'],
    queryFn: ({ signal }) => getJson(adminPaths.doctor, diagnosisSchema, signal),
    staleTime: 0,
  });
