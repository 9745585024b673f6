import { ProblemNote } from '@/components/ui/problem-note';
import { asProblem } from '@/lib/problem';

/** Why a change did not work; nothing while there is no error. */
export function Failed({ error }: { error: Error | null }) {
  if (error === null) return null;
  return (
    <div role="alert" className="my-4">
      <ProblemNote problem={asProblem(error)} />
    </div>
  );
}
