import { queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { paths } from '@/config/paths';
import { getJson } from '@/lib/api-client';
import { reads, type Wire } from '@/lib/wire';

const userSchema = reads<Wire['SignedInPerson']>()(
  v.object({
    subject: v.string(),
    email: v.string(),
    name: v.optional(v.nullable(v.string()), ''),
    domain: v.optional(v.nullable(v.string()), ''),
    admin: v.optional(v.boolean(), false),
    drive_grant: v.optional(v.picklist(['live', 'dead', 'missing']), 'live'),
  }),
);

/** The person whose session this is. */
export type User = v.InferOutput<typeof userSchema>;

/** Who is signed in. Fails with an ApiError of status 401 when nobody is. */
export const userQueryOptions = () =>
  queryOptions({
    queryKey: ['user'],
    queryFn: ({ signal }) => getJson(paths.user, userSchema, signal),
    staleTime: 5 * 60_000,
  });
