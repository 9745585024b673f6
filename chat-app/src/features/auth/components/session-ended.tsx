import { SignInLink } from '@/features/auth/components/sign-in-link';
import { t } from '@/lib/messages';

/** Said above the question box when the session ended under the person's hands. */
export function SessionEnded() {
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center justify-between gap-3 border-s-3 border-accent bg-sheet px-4 py-3"
    >
      <p className="min-w-48 flex-1">
        <strong className="block">{t('session.ended')}</strong>
        <span className="text-ink-soft">{t('session.endedText')}</span>
      </p>
      <SignInLink label={t('session.again')} />
    </div>
  );
}
