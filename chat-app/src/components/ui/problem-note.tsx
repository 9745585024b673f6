import { t } from '@/lib/messages';
import { adviceFor } from '@/lib/problem';
import type { Problem } from '@/lib/wire';

/** What went wrong, what to do, and the number to quote when asking for help. */
export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <div className="border-s-3 border-danger bg-danger-wash px-4 py-3">
      <p className="font-bold text-danger">{problem.title}</p>
      {problem.detail && <p className="mt-1">{problem.detail}</p>}
      <p className="mt-1">{adviceFor(problem)}</p>
      {problem.request_id && (
        <p className="mt-2 text-sm text-ink-soft">
          {t('problem.requestId')}{' '}
          <code className="font-mono break-all select-all">{problem.request_id}</code>
        </p>
      )}
    </div>
  );
}
