import { Skeleton } from '@/components/ui/skeleton';
import { Wordmark } from '@/components/ui/wordmark';
import { t } from '@/lib/messages';

/** What is shown in the moment before it is known who is there. */
export function LoadingPage() {
  return (
    <main className="flex min-h-dvh flex-col" aria-busy="true">
      <div className="flex h-14 items-center px-5">
        <Wordmark />
      </div>
      <div className="mx-auto my-auto w-full max-w-(--measure) px-5 pb-24">
        <Skeleton label={t('app.opening')} lines={3} />
      </div>
    </main>
  );
}
