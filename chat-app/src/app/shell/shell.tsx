import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';

import { NavContent } from '@/app/shell/nav-content';
import { OfflineNote } from '@/app/shell/offline-note';
import { TopBar } from '@/app/shell/top-bar';
import { pages } from '@/config/paths';
import type { User } from '@/features/auth/api/get-user';
import { SessionEnded } from '@/features/auth/components/session-ended';
import { t } from '@/lib/messages';
import { useMediaQuery } from '@/lib/use-media-query';

const load = () => import('@/app/shell/nav-drawer');
const NavDrawer = lazy(async () => ({ default: (await load()).NavDrawer }));

interface Props {
  user: User;
  sessionEnded: boolean;
  /** Begins a new conversation, even when the page for one is already open. */
  onNew: () => void;
  children: ReactNode;
}

/** The frame of every page: where one can go, at the side or behind a button, and what all pages have to say. */
export function Shell({ user, sessionEnded, onNew, children }: Props) {
  const roomy = useMediaQuery('(min-width: 64rem)');
  const [open, setOpen] = useState(false);
  const [path] = useLocation();
  const asking = path === pages.home || path.startsWith('/c/');
  useArrival(path, asking);

  const nav = (
    <NavContent
      user={user}
      onNew={onNew}
      onChosen={() => {
        setOpen(false);
      }}
    />
  );
  return (
    <div className="pane:grid pane:grid-cols-[var(--nav-width)_minmax(0,1fr)]">
      <a href="#main" className="skip-link">
        {t('app.skip')}
      </a>
      {roomy ? (
        <div className="sticky top-0 h-dvh border-e border-rule bg-nav">{nav}</div>
      ) : (
        <TopBar
          onNew={onNew}
          onMenu={() => {
            setOpen(true);
          }}
          onNear={() => void load()}
        />
      )}
      <Suspense>
        {!roomy && open && (
          <NavDrawer
            onClose={() => {
              setOpen(false);
            }}
          >
            {nav}
          </NavDrawer>
        )}
      </Suspense>
      <div className="min-w-0">
        <OfflineNote />
        {sessionEnded && !asking && (
          <div className="page pb-0">
            <SessionEnded />
          </div>
        )}
        {children}
      </div>
    </div>
  );
}

/** A page that was gone to takes the focus, so that it is read from its start; the question's box takes its own. */
function useArrival(path: string, asking: boolean) {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (asking) return;
    scrollTo({ top: 0 });
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [path, asking]);
}
