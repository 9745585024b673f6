import { lazy, Suspense, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';

import { ErrorBoundary } from '@/app/error-boundary';
import { NotFoundPage } from '@/app/not-found-page';
import { PageSkeleton } from '@/app/page-skeleton';
import { Shell } from '@/app/shell/shell';
import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { EVERYTHING, type ChosenScope } from '@/features/chat/scope';
import { loadArea } from '@/lib/messages';

// The page most people come for is fetched while the account is being looked up; the others when they are opened.
const askRoute = import('@/app/ask-route');
const AskRoute = lazy(async () => ({ default: (await askRoute).AskRoute }));
const DrivePage = lazy(async () => ({ default: (await import('@/app/drive-page')).DrivePage }));
const SharedPage = lazy(async () => ({ default: (await import('@/app/shared-page')).SharedPage }));
const AccountPage = lazy(async () => ({ default: (await import('@/app/account-page')).AccountPage }));
const NotAdminPage = lazy(async () => ({ default: (await import('@/app/not-admin-page')).NotAdminPage }));
const AdminArea = lazy(async () => {
  const [{ AdminArea: area }] = await Promise.all([import('@/features/admin/admin-area'), loadArea('admin')]);
  return { default: area };
});

/** The page for a question: a new one, or a conversation by its id. */
const ASKING = /^\/(?:c\/(?<id>[A-Za-z0-9_-]{1,128})\/?)?$/;

interface Props {
  user: User;
  /** True when the session ended while the page was open. */
  sessionEnded: boolean;
}

/** Which page stands in the frame. The list of conversations and the box of the question keep their state between pages. */
export function Pages({ user, sessionEnded }: Props) {
  const [path, navigate] = useLocation();
  const [scope, setScope] = useState(EVERYTHING);
  const [fresh, setFresh] = useState(0);
  const askOnly = (chosen: ChosenScope) => {
    setScope(chosen);
    setFresh((count) => count + 1);
    navigate(pages.home);
  };
  return (
    <Shell
      user={user}
      sessionEnded={sessionEnded}
      onNew={() => {
        setFresh((count) => count + 1);
      }}
    >
      <ErrorBoundary key={areaOf(path)}>
        <Suspense fallback={<PageSkeleton />}>
          <Switch>
            <Route path={pages.drive}>
              <DrivePage chosenId={scope.id} onChoose={askOnly} />
            </Route>
            <Route path={pages.account}>
              <AccountPage user={user} />
            </Route>
            <Route path={pages.admin} nest>
              {user.admin ? <AdminArea /> : <NotAdminPage />}
            </Route>
            <Route path="/shared/:id">{({ id }) => <SharedPage shareId={id} />}</Route>
            <Route path={ASKING}>
              {(named) => (
                <AskRoute
                  user={user}
                  sessionEnded={sessionEnded}
                  conversationId={(named as { id?: string }).id}
                  fresh={fresh}
                  scope={scope}
                  onScope={setScope}
                />
              )}
            </Route>
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
      </ErrorBoundary>
    </Shell>
  );
}

/** The page's place in the frame: what broke in one is forgotten in another. A conversation that gets its name stays. */
const areaOf = (path: string) => (ASKING.test(path) ? 'ask' : path.split('/')[1]);
