/** Everything that can go wrong between the page and the service, as one kind of value the screens can show. */
import * as v from 'valibot';

import { problemSchema, type Problem } from '@/lib/wire';

/** Thrown by every call to the service that did not work. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

const makeProblem = (status: number, title: string, detail: string, requestId = ''): Problem => ({
  type: 'about:blank',
  title,
  status,
  detail,
  request_id: requestId,
});

/** The problem a refused response tells, or the best that its status alone allows to say. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = v.safeParse(problemSchema, body);
  if (parsed.success) return { ...parsed.output, status: response.status };
  return makeProblem(
    response.status,
    response.status >= 500 ? 'The service had a problem' : 'The service refused this',
    `It answered with status ${response.status} and no explanation.`,
    response.headers.get('x-request-id') ?? '',
  );
}

/** Any thrown value as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (error instanceof v.ValiError) {
    return makeProblem(
      502,
      'The answer could not be read',
      'The service sent something this page does not understand. Reloading the page may bring a newer version.',
    );
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return makeProblem(0, 'No answer in time', 'The service did not answer.');
  }
  return makeProblem(0, 'Docent cannot be reached', 'The connection to the service failed.');
}

/** True when the person has to sign in again. */
export const isSignedOut = (problem: Problem): boolean => problem.status === 401;

/** What the person can do about it, in one sentence. */
export function adviceFor(problem: Problem): string {
  const { status } = problem;
  if (status === 0) {
    return navigator.onLine
      ? 'Check your connection, then try again.'
      : 'You are offline. Try again when the connection is back.';
  }
  if (status === 401) return 'Sign in again to go on.';
  if (status === 403) return 'Ask the people who run Docent whether your account should be able to do this.';
  if (status === 404) return 'It may have been moved or deleted, or it is no longer shared with you.';
  if (status === 400 || status === 413 || status === 422) return 'Change the question, then ask again.';
  if (status === 429) return 'You have asked a lot in a short time. Wait a minute, then try again.';
  if (status >= 500) return 'Try again in a moment. If it stays, pass on the request number below.';
  return 'Try again.';
}
