import { lazy, Suspense, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';

import { ErrorBoundary } from '@/app/error-boundary';
import { NotFoundPage } from '@/app/not-found-page';
import { PageSkeleton } from '@/app/page-skeleton';
import { Shell } from '@/app/shell/shell';
import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { loadArea } from '@/lib/messages';

// The page most people come for is fetched while the account is being looked up; the others when they are opened.
const askPage = import('@/app/ask-page');
const AskPage = lazy(async () => ({ default: (await askPage).AskPage }));
const AccountPage = lazy(async () => ({ default: (await import('@/app/account-page')).AccountPage }));
const AdminArea = lazy(async () => {
  const [{ AdminArea: area }] = await Promise.all([import('@/features/admin/admin-area'), loadArea('admin')]);
  return { default: area };
});

interface Props {
  user: User;
  /** True when the session ended while the page was open. */
  sessionEnded: boolean;
}

/** Which page stands in the frame. The list of conversations and the box of the question keep their state between pages. */
export function Pages({ user, sessionEnded }: Props) {
  const [path] = useLocation();
  const [fresh, setFresh] = useState(0);
  return (
    <Shell
      user={user}
      sessionEnded={sessionEnded}
      onNew={() => {
        setFresh((count) => count + 1);
      }}
    >
      <ErrorBoundary key={path.split('/')[1]}>
        <Suspense fallback={<PageSkeleton />}>
          <Switch>
            <Route path={pages.home}>
              <AskPage key={fresh} user={user} sessionEnded={sessionEnded} />
            </Route>
            <Route path={pages.account}>
              <AccountPage />
            </Route>
            {user.admin && (
              <Route path={pages.admin} nest>
                <AdminArea />
              </Route>
            )}
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}
