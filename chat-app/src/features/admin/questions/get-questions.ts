import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import * as v from 'valibot';

import { adminPaths } from '@/features/admin/paths';
import { getJson } from '@/lib/api-client';
import { absent, reads, type Wire } from '@/lib/wire';

const questionSchema = v.object({
  id: v.string(),
  asked_at: v.string(),
  question: v.string(),
  declined: v.boolean(),
  degraded: v.boolean(),
  unsupported: v.number(),
  seconds: absent(v.number()),
  first_token_seconds: absent(v.number()),
  model: v.string(),
  cost_dollars: v.number(),
  request_id: v.string(),
});
const questionsSchema = reads<Wire['QuestionPage']>()(
  v.object({ questions: v.array(questionSchema), next_cursor: v.nullable(v.string()) }),
);
const feedbackSchema = reads<Wire['FeedbackPage']>()(
  v.object({
    feedback: v.array(
      v.object({ comment: v.string(), at: v.string(), question: v.nullable(questionSchema) }),
    ),
    next_cursor: v.nullable(v.string()),
  }),
);
const requestSchema = reads<Wire['KnownRequest']>()(
  v.object({
    logs: v.string(),
    trace: v.string(),
    audit: v.array(v.object({ seq: v.number(), event: v.string(), at: v.string() })),
  }),
);

export type Question = v.InferOutput<typeof questionSchema>;
/** A question, or what somebody said of its answer; the question is null when it was deleted. */
export interface Line {
  key: string;
  at: string;
  comment: string;
  question: Question | null;
}
interface Page {
  lines: Line[];
  next_cursor: string | null;
}

export const KINDS = ['unanswered', 'down', 'unsupported', 'degraded', 'slowest', 'dearest'] as const;
export type Kind = (typeof KINDS)[number];

/** Questions of a kind in the last days, or down-votes, page by page. */
export const questionsQueryOptions = (kind: Kind, days: number) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'questions', kind, kind === 'down' ? 0 : days],
    queryFn: ({ pageParam, signal }): Promise<Page> =>
      kind === 'down' ? downVotes(pageParam, signal) : questions(kind, days, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next_cursor,
  });

async function questions(kind: Kind, days: number, cursor: string | null, signal: AbortSignal) {
  const page = await getJson(adminPaths.questions(kind, days, cursor), questionsSchema, signal);
  const lines = page.questions.map((one) => ({ key: one.id, at: one.asked_at, comment: '', question: one }));
  return { lines, next_cursor: page.next_cursor };
}

async function downVotes(cursor: string | null, signal: AbortSignal) {
  const page = await getJson(adminPaths.feedback(cursor), feedbackSchema, signal);
  const lines = page.feedback.map((one) => ({ key: `${one.at} ${one.question?.id ?? ''}`, ...one }));
  return { lines, next_cursor: page.next_cursor };
}

/** What is known of a request: addresses of its log lines and its trace, and its entries in the audit trail. */
export const requestQueryOptions = (requestId: string) =>
  queryOptions({
    queryKey: ['admin', 'request', requestId],
    queryFn: ({ signal }) => getJson(adminPaths.request(requestId), requestSchema, signal),
  });
