import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';

import { Skeleton } from '@/components/ui/skeleton';
import { AdminNav } from '@/features/admin/admin-nav';
import { NoSuchPage } from '@/features/admin/no-such-page';
import { adminPages } from '@/features/admin/paths';
import { t } from '@/lib/messages';

const CollectionsPage = lazy(async () => ({
  default: (await import('@/features/admin/collections/collections-page')).CollectionsPage,
}));
const AddPage = lazy(async () => ({
  default: (await import('@/features/admin/collections/add-page')).AddPage,
}));
const RunsPage = lazy(async () => ({ default: (await import('@/features/admin/runs/runs-page')).RunsPage }));
const FilesPage = lazy(async () => ({
  default: (await import('@/features/admin/files/files-page')).FilesPage,
}));
const CostsPage = lazy(async () => ({
  default: (await import('@/features/admin/costs/costs-page')).CostsPage,
}));
const LimitsPage = lazy(async () => ({
  default: (await import('@/features/admin/limits/limits-page')).LimitsPage,
}));
const PeoplePage = lazy(async () => ({
  default: (await import('@/features/admin/people/people-page')).PeoplePage,
}));
const QuestionsPage = lazy(async () => ({
  default: (await import('@/features/admin/questions/questions-page')).QuestionsPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import('@/features/admin/audit/audit-page')).AuditPage,
}));
const DoctorPage = lazy(async () => ({
  default: (await import('@/features/admin/doctor/doctor-page')).DoctorPage,
}));
const AccessPage = lazy(async () => ({
  default: (await import('@/features/admin/access/access-page')).AccessPage,
}));

/** The administrators' pages, below /admin; each is fetched when it is opened. */
export function AdminArea() {
  return (
    <>
      <AdminNav />
      <main id="main" className="page pt-6" tabIndex={-1}>
        <Suspense fallback={<Skeleton label={t('app.loading')} lines={8} />}>
          <Switch>
            <Route path={adminPages.collections} component={CollectionsPage} />
            <Route path={adminPages.add} component={AddPage} />
            <Route path={adminPages.runs} component={RunsPage} />
            <Route path={adminPages.files} component={FilesPage} />
            <Route path={adminPages.costs} component={CostsPage} />
            <Route path={adminPages.limits} component={LimitsPage} />
            <Route path={adminPages.people} component={PeoplePage} />
            <Route path={adminPages.questions} component={QuestionsPage} />
            <Route path={adminPages.audit} component={AuditPage} />
            <Route path={adminPages.doctor} component={DoctorPage} />
            <Route path={adminPages.access} component={AccessPage} />
            <Route component={NoSuchPage} />
          </Switch>
        </Suspense>
      </main>
    </>
  );
}
