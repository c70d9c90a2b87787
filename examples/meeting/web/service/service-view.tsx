import { useEffect } from 'preact/hooks';
import type { ComponentChild } from 'preact';
import type { Route } from './model/route.js';
import type { ServiceApp } from './model/service-app.js';
import { NoticeList } from './components/bits.js';
import { ExpiryDialog } from './components/expiry-dialog.js';
import { Shell } from './components/shell.js';
import { AdminPage } from './pages/admin/admin-page.js';
import { OperatorPage } from './pages/admin/operator.js';
import { AccessibilityPage, DeviceTestPage, NotFoundPage, SupportPage } from './pages/info.js';
import { BookingPage } from './pages/portal/booking-page.js';
import { PortalMeetingPage } from './pages/portal/meeting-detail.js';
import { EarlierPage, OverviewPage } from './pages/portal/overview.js';
import { ForRole, SessionLoading } from './pages/sign-in.js';
import { StartPage } from './pages/start.js';
import { InvitationPage } from './pages/visit/invitation.js';
import { MeetingPage } from './pages/visit/meeting-page.js';

/** The whole page: what the address asks for, and what may come over it. */
export function ServiceView({ app }: { app: ServiceApp }) {
  const route = app.router.route.value;
  const ready = app.session.view.value !== null;
  const meeting = ready && route.page === 'meeting';
  useEffect(() => {
    app.expiry.watching.value = true;
  }, [route.page]);
  return (
    <>
      {meeting ? (
        <MeetingPage key={route.id} app={app} id={route.id} />
      ) : (
        <Shell app={app}>{ready ? pageFor(app, route) : <SessionLoading app={app} />}</Shell>
      )}
      {!meeting && <NoticeList notices={app.notices} />}
      <ExpiryDialog app={app} />
      <div class="unseen" role="status" aria-live="polite">
        {app.announcer.polite.value}
      </div>
      <div class="unseen" role="alert" aria-live="assertive">
        {app.announcer.assertive.value}
      </div>
    </>
  );
}

function pageFor(app: ServiceApp, route: Route): ComponentChild {
  switch (route.page) {
    case 'start':
      return <StartPage app={app} />;
    case 'invitation':
      return <InvitationPage key={route.token} app={app} token={route.token} />;
    case 'device-test':
      return <DeviceTestPage app={app} />;
    case 'support':
      return <SupportPage app={app} />;
    case 'accessibility':
      return <AccessibilityPage app={app} />;
    case 'portal':
      return (
        <ForRole app={app} role="organiser">
          {route.view === 'book' ? (
            <BookingPage app={app} />
          ) : route.view === 'earlier' ? (
            <EarlierPage app={app} />
          ) : (
            <OverviewPage app={app} />
          )}
        </ForRole>
      );
    case 'portal-meeting':
      return (
        <ForRole app={app} role="organiser">
          <PortalMeetingPage key={route.id} app={app} id={route.id} />
        </ForRole>
      );
    case 'admin':
      return (
        <ForRole app={app} role="administrator">
          <AdminPage app={app} view={route.view} />
        </ForRole>
      );
    case 'operator':
      return (
        <ForRole app={app} role="operator">
          <OperatorPage app={app} />
        </ForRole>
      );
    case 'not-found':
    case 'meeting':
      return <NotFoundPage app={app} />;
  }
}
