import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { change, getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const userSchema = v.object({
  subject: v.string(),
  email: v.string(),
  name: v.string(),
  role: v.picklist(['user', 'admin']),
  tier: v.picklist(['standard', 'premium']),
  signed_in_at: v.string(),
  erasing: v.boolean(),
});
const usersSchema = reads<Wire['UserPage']>()(
  v.object({ users: v.array(userSchema), next_cursor: v.nullable(v.string()) }),
);
const spendingSchema = v.object({
  subject: v.string(),
  questions: v.number(),
  today_dollars: v.number(),
  month_dollars: v.number(),
  limits: v.object({
    minute: absent(v.number()),
    hour: absent(v.number()),
    day: absent(v.number()),
    budget_dollars: absent(v.number()),
  }),
});
const spendingsSchema = reads<Wire['SpendingPage']>()(v.object({ people: v.array(spendingSchema) }));
const sessionsSchema = reads<Wire['SessionList']>()(
  v.object({
    sessions: v.array(
      v.object({ id: v.string(), device: v.string(), place: v.string(), last_seen: v.string() }),
    ),
  }),
);

export type Spending = v.InferOutput<typeof spendingSchema>;
/** Somebody who has signed in, with what they used since the month began; that is null where it is not known. */
export type Someone = v.InferOutput<typeof userSchema> & { spending: Spending | null };
interface Page {
  people: Someone[];
  next_cursor: string | null;
}

const PEOPLE = ['admin', 'people'] as const;

/** Everybody by page: who they are, and what they spent. Both lists go by subject, so their pages are of the same people. */
export const peopleQueryOptions = () =>
  infiniteQueryOptions({
    queryKey: PEOPLE,
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const [known, spent] = await Promise.all([
        getJson(adminPaths.users(pageParam), usersSchema, signal),
        getJson(adminPaths.spending(pageParam), spendingsSchema, signal),
      ]);
      const bySubject = new Map(spent.people.map((one) => [one.subject, one]));
      const people = known.users.map((one) => ({ ...one, spending: bySubject.get(one.subject) ?? null }));
      return { people, next_cursor: known.next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
  });

/** Where somebody is signed in. */
export const theirSessionsQueryOptions = (subject: string) =>
  queryOptions({
    queryKey: ['admin', 'sessions', subject],
    queryFn: async ({ signal }) =>
      (await getJson(adminPaths.userSessions(subject), sessionsSchema, signal)).sessions,
  });

/** What is changed of somebody: 0 takes a limit of their own back. */
export interface PersonChange {
  standing: { role?: 'user' | 'admin'; tier?: 'standard' | 'premium' };
  limits: { minute?: number; hour?: number; day?: number; budget_dollars?: number };
}

const isEmpty = (value: object) => Object.keys(value).length === 0;

/** Changes role, tier and limits; sends only what is to be another. */
export function useChangePerson(subject: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ standing, limits }: PersonChange) => {
      if (!isEmpty(standing)) await change('PATCH', adminPaths.user(subject), standing);
      if (!isEmpty(limits)) await change('PATCH', adminPaths.personLimits(subject), limits);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: PEOPLE }),
  });
}

const endedSchema = reads<Wire['Ended']>()(v.object({ ended: v.number() }));

/** Signs somebody out everywhere. Resolves to how many sessions that ended. */
export function useEndTheirSessions(subject: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const response = await change('DELETE', adminPaths.userSessions(subject));
      return v.parse(endedSchema, await response.json()).ended;
    },
    onSettled: () => queries.invalidateQueries(theirSessionsQueryOptions(subject)),
  });
}
