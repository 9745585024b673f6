import { SignInLink } from '@/features/auth/components/sign-in-link';

/** Said above the question box when the session ended under the person's hands. */
export function SessionEnded() {
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center justify-between gap-3 border-s-3 border-accent bg-sheet px-4 py-3"
    >
      <p className="min-w-48 flex-1">
        <strong className="block">Your session has ended.</strong>
        <span className="text-ink-soft">Sign in again to go on; your question is kept.</span>
      </p>
      <SignInLink label="Sign in again" />
    </div>
  );
}
