import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { LoadingPage } from '@/app/loading-page';
import { MessagePage } from '@/app/message-page';
import { SignedOutPage } from '@/app/signed-out-page';
import { Button, buttonClass } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { paths } from '@/config/paths';
import { userQueryOptions } from '@/features/auth/api/get-user';
import { asProblem, isSignedOut } from '@/lib/problem';

// Fetched while the account is being looked up, not after.
const askPage = import('@/app/ask-page');
const AskPage = lazy(async () => ({ default: (await askPage).AskPage }));

/** Which page the person sees. */
export function App() {
  if (location.pathname !== paths.home) return <NotFoundPage />;
  return <HomePage />;
}

function HomePage() {
  const user = useQuery(userQueryOptions());
  const problem = user.error === null ? undefined : asProblem(user.error);
  if (user.data !== undefined) {
    return (
      <Suspense fallback={<LoadingPage />}>
        <AskPage user={user.data} sessionEnded={problem !== undefined && isSignedOut(problem)} />
      </Suspense>
    );
  }
  if (problem === undefined) return <LoadingPage />;
  if (isSignedOut(problem)) return <SignedOutPage />;
  return (
    <MessagePage title="Docent is not answering" text="Your account could not be looked up.">
      <ProblemNote problem={problem} />
      <Button className="mt-6" variant="solid" onClick={() => void user.refetch()}>
        Try again
      </Button>
    </MessagePage>
  );
}

function NotFoundPage() {
  return (
    <MessagePage title="There is no such page" text="The address may be mistyped, or the page was moved.">
      <a className={buttonClass('solid')} href={paths.home}>
        Ask a question
      </a>
    </MessagePage>
  );
}
