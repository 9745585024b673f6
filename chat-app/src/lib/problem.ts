/** Everything that can go wrong between the page and the service, as one kind of value the screens can show. */
import * as v from 'valibot';

import { t } from '@/lib/messages';
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
    response.status >= 500 ? t('problem.service.title') : t('problem.refused.title'),
    t('problem.noReason', { status: response.status }),
    response.headers.get('x-request-id') ?? '',
  );
}

/** Any thrown value as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (error instanceof v.ValiError) {
    return makeProblem(502, t('problem.unreadable.title'), t('problem.unreadable.text'));
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return makeProblem(0, t('problem.timeout.title'), t('problem.timeout.text'));
  }
  return makeProblem(0, t('problem.network.title'), t('problem.network.text'));
}

/** True when the person has to sign in again. */
export const isSignedOut = (problem: Problem): boolean => problem.status === 401;

/** True when the service was not reached: there is no connection, or it did not answer in time. */
export const isUnreached = (problem: Problem): boolean => problem.status === 0;

/** What the person can do about it, in one sentence. */
export function adviceFor(problem: Problem): string {
  const { status } = problem;
  if (isUnreached(problem)) {
    return navigator.onLine ? t('advice.connection') : t('advice.offline');
  }
  if (status === 401) return t('advice.signIn');
  if (status === 403) return t('advice.notAllowed');
  if (status === 404) return t('advice.notFound');
  if (status === 400 || status === 413 || status === 422) return t('advice.invalid');
  if (status === 429) return t('advice.tooMany');
  if (status >= 500) return t('advice.service');
  return t('advice.other');
}
