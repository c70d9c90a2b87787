import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { PortalRole } from '../../../shared/api.js';
import { Identification } from '../model/identification.js';
import type { ServiceApp } from '../model/service-app.js';
import { texts } from '../texts/texts.js';
import { Alert } from '../components/alert.js';
import { Fetched } from '../components/bits.js';
import { IdentificationView } from '../components/identification-view.js';
import { Page } from '../components/shell.js';
import { useConst } from '../components/use-const.js';
import { homeOf } from './start.js';

/** The page itself for those who may see it; the way in for everybody else, at the same address. */
export function ForRole({
  app,
  role,
  children,
}: {
  app: ServiceApp;
  role: PortalRole;
  children: ComponentChildren;
}) {
  if (app.session.roles.value.includes(role)) return <>{children}</>;
  if (app.session.view.value === null) return <SessionLoading app={app} />;
  if (app.session.person.value === null) return <SignInPage app={app} />;
  return <NoRolePage app={app} name={app.session.person.value.name} />;
}

/** Until the server has said who sits here, nothing else can be shown. */
export function SessionLoading({ app }: { app: ServiceApp }) {
  const { common } = texts.value;
  return (
    <Page app={app} title={common.loading} heading={app.serviceName} narrow transient>
      <Fetched resource={app.session.resource}>{() => null}</Fetched>
    </Page>
  );
}

export function SignInPage({ app, children }: { app: ServiceApp; children?: ComponentChildren }) {
  const { signIn } = texts.value.identify;
  const identification = useIdentification(app);
  return (
    <Page app={app} title={signIn.title} heading={signIn.heading} lead={signIn.lead} narrow>
      {children}
      <ExpiredNote app={app} />
      <IdentificationView identification={identification} />
      <p class="hint">{signIn.notYourLink}</p>
    </Page>
  );
}

/** Why one has to sign in again. */
export function ExpiredNote({ app }: { app: ServiceApp }) {
  const { expiry } = texts.value.info;
  if (!app.expiry.expired.value) return null;
  return (
    <Alert tone="warning" heading={expiry.expiredHeading} role="status">
      <p>{expiry.expired}</p>
    </Alert>
  );
}

function useIdentification(app: ServiceApp): Identification {
  const identification = useConst(
    () =>
      new Identification({
        purpose: { purpose: 'portal' },
        returnPath: location.pathname,
        onComplete: () => {
          app.announcer.say(texts.peek().identify.complete);
          void app.session.load();
        },
      }),
  );
  useFailedRedirect(app, identification);
  return identification;
}

/** A redirect provider sent the browser back with bad news in the address. */
export function useFailedRedirect(app: ServiceApp, identification: Identification): void {
  useEffect(() => {
    const query = app.router.query.peek();
    if (query.get('eid') !== 'failed') return;
    identification.failed(query.get('reason') ?? '');
    app.router.forgetQuery();
  }, [identification]);
}

function NoRolePage({ app, name }: { app: ServiceApp; name: string }) {
  const { signIn, start } = texts.value.identify;
  const { common } = texts.value;
  const other = app.session.roles.value.length > 0;
  return (
    <Page app={app} title={signIn.title} heading={signIn.noRoleHeading} narrow>
      <p>{signIn.noRole(name)}</p>
      <div class="actions">
        {other && (
          <a class="button" href={homeOf(app)}>
            {start.toPortal}
          </a>
        )}
        <button type="button" class="button" onClick={() => void app.signOut()}>
          {common.signOut}
        </button>
      </div>
    </Page>
  );
}
