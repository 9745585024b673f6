import { useQuery } from '@tanstack/react-query';

import { LoadingPage } from '@/app/loading-page';
import { MessagePage } from '@/app/message-page';
import { Pages } from '@/app/pages';
import { SignedOutPage } from '@/app/signed-out-page';
import { Button } from '@/components/ui/button';
import { ProblemNote } from '@/components/ui/problem-note';
import { userQueryOptions } from '@/features/auth/api/get-user';
import { t } from '@/lib/messages';
import { asProblem, isSignedOut } from '@/lib/problem';

/** The pages for a person who is signed in, the way in for everybody else. */
export function App() {
  const user = useQuery(userQueryOptions());
  const problem = user.error === null ? undefined : asProblem(user.error);
  if (user.data !== undefined) {
    return <Pages user={user.data} sessionEnded={problem !== undefined && isSignedOut(problem)} />;
  }
  if (problem === undefined) return <LoadingPage />;
  if (isSignedOut(problem)) return <SignedOutPage />;
  return (
    <MessagePage title={t('error.unavailable.title')} text={t('error.unavailable.text')} alone>
      <ProblemNote problem={problem} />
      <Button className="mt-6" variant="solid" onClick={() => void user.refetch()}>
        {t('app.tryAgain')}
      </Button>
    </MessagePage>
  );
}
