import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { SupportContact } from '../../../shared/api.js';
import { chooseLanguage } from '../model/language.js';
import { ADMIN_VIEWS, adminPath, type AdminView } from '../model/route.js';
import type { ServiceApp } from '../model/service-app.js';
import { texts } from '../texts/texts.js';
import { isTestProof } from '../model/test-proof.js';
import { Tag } from './alert.js';
import { HelpIcon, Logo } from './icons.js';
import { ReturnFailure } from './identification-return.js';
import { SupportLines } from './support-contact.js';

/** Every page but the meeting itself: head, menu, content, foot with the support contact. */
export function Shell({ app, children }: { app: ServiceApp; children: ComponentChildren }) {
  const { common } = texts.value;
  return (
    <div class="site">
      <a class="skip-link" href="#content" onClick={skipToContent}>
        {common.skip}
      </a>
      <SiteHead app={app} />
      <SectionNav app={app} />
      {children}
      <SiteFoot app={app} />
    </div>
  );
}

interface PageProps {
  app: ServiceApp;
  /** In the tab, before the service's name. */
  title: string;
  heading: string;
  lead?: string;
  /** Narrow pages are for reading and for forms. */
  narrow?: boolean;
  /** Beside the heading. */
  aside?: ComponentChildren;
  /** Above the heading. */
  before?: ComponentChildren;
  /** Shown only until the page itself comes: takes no focus. */
  transient?: boolean;
  children?: ComponentChildren;
}

/** One page: its title in the tab, its heading, which has the focus when the page is new. */
export function Page({
  app,
  title,
  heading,
  lead,
  narrow = false,
  aside,
  before,
  transient = false,
  children,
}: PageProps) {
  usePageTitle(app, title);
  const element = useNewPageFocus(app, heading, transient);
  return (
    <main id="content" class={narrow ? 'page page-narrow' : 'page'} tabIndex={-1}>
      {before}
      <div class="page-head">
        <div>
          <h1 ref={element} tabIndex={-1}>
            {heading}
          </h1>
          {lead !== undefined && <p class="lead">{lead}</p>}
        </div>
        {aside}
      </div>
      <ReturnFailure />
      {children}
    </main>
  );
}

/** While the page is about somebody's meeting, help comes from that organisation. */
export function useMeetingSupport(app: ServiceApp, support: SupportContact | undefined): void {
  useEffect(() => {
    if (support !== undefined) app.meetingSupport.value = support;
    return () => {
      app.meetingSupport.value = null;
    };
  }, [support]);
}

export function usePageTitle(app: ServiceApp, title: string): void {
  const whole = `${title} – ${app.serviceName}`;
  useEffect(() => {
    app.attention.title.value = whole;
  }, [whole]);
}

/** A new page, or a new state of it with another heading, is read from its heading; the first page is the browser's. */
function useNewPageFocus(app: ServiceApp, heading: string, transient: boolean) {
  const element = useRef<HTMLHeadingElement>(null);
  const now = `${app.router.visits.value} ${texts.value.language} ${heading}`;
  useEffect(() => {
    if (transient) return;
    shownBefore ??= now;
    if (shownBefore === now) return;
    const languageOnly =
      shownBefore.split(' ')[0] === now.split(' ')[0] && shownBefore.split(' ')[1] !== now.split(' ')[1];
    shownBefore = now;
    // The switch of language keeps the focus on its own button.
    if (!languageOnly) element.current?.focus();
  }, [now]);
  return element;
}

let shownBefore: string | null = null;

function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function SiteHead({ app }: { app: ServiceApp }) {
  const { common } = texts.value;
  const view = app.session.view.value;
  const person = app.session.person.value;
  return (
    <header class="site-head">
      <div class="site-head-row">
        <a class="brand" href="/">
          <Logo />
          <span class="brand-words">
            <span>{app.serviceName}</span>
            {view?.organisation !== undefined && view?.organisation !== null && (
              <span class="brand-organisation">{view.organisation.name}</span>
            )}
          </span>
        </a>
        <div class="head-links">
          <a class="head-link" href="/support">
            <HelpIcon />
            {common.support}
          </a>
          <button
            type="button"
            class="head-link"
            lang={common.otherLanguageCode}
            onClick={() => chooseLanguage(common.otherLanguageCode)}
          >
            {common.otherLanguage}
          </button>
          {person !== null && (
            <>
              <span class="head-person">
                <span class="unseen">{common.signedInAs('')}</span>
                {person.name} {isTestProof(person) && <Tag tone="warning">{common.testOnly}</Tag>}
              </span>
              <button type="button" class="head-link" onClick={() => void app.signOut()}>
                {common.signOut}
              </button>
            </>
          )}
        </div>
      </div>
      {view?.isTestService === true && <p class="test-banner">{common.testService}</p>}
    </header>
  );
}

/** What this person's roles open; nothing for citizens. */
function SectionNav({ app }: { app: ServiceApp }) {
  const { common, admin } = texts.value;
  const roles = app.session.roles.value;
  const route = app.router.route.value;
  const links: { path: string; label: string; current: boolean }[] = [];
  if (roles.includes('organiser')) {
    const inPortal = route.page === 'portal' || route.page === 'portal-meeting';
    const booking = route.page === 'portal' && route.view === 'book';
    links.push({ path: '/portal', label: common.portal, current: inPortal && !booking });
    links.push({ path: '/portal/book', label: common.book, current: booking });
  }
  if (roles.includes('administrator')) {
    links.push({ path: '/admin', label: common.administration, current: route.page === 'admin' });
  }
  if (roles.includes('operator')) {
    links.push({ path: '/operator', label: common.operation, current: route.page === 'operator' });
  }
  if (links.length === 0) return null;
  return (
    <>
      <LinkRow label={common.mainNav} links={links} />
      {route.page === 'admin' && roles.includes('administrator') && (
        <LinkRow
          label={admin.title}
          links={ADMIN_VIEWS.map((view) => ({
            path: adminPath(view),
            label: admin.nav[navKey(view)],
            current: route.view === view,
          }))}
        />
      )}
    </>
  );
}

function LinkRow({
  label,
  links,
}: {
  label: string;
  links: readonly { path: string; label: string; current: boolean }[];
}) {
  return (
    <nav class="section-nav" aria-label={label}>
      <ul>
        {links.map(({ path, label, current }) => (
          <li key={path}>
            <a href={path} aria-current={current ? 'page' : undefined}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function navKey(view: AdminView) {
  if (view === 'meeting-types') return 'meetingTypes';
  return view === 'api-keys' ? 'apiKeys' : view;
}

function SiteFoot({ app }: { app: ServiceApp }) {
  const { common } = texts.value;
  return (
    <footer class="site-foot">
      <div class="site-foot-row">
        <section aria-labelledby="foot-support">
          <h2 id="foot-support">{common.footSupport}</h2>
          <SupportLines support={app.support} />
        </section>
        <section aria-labelledby="foot-about">
          <h2 id="foot-about">{common.footAbout}</h2>
          <ul class="foot-links">
            <li>
              <a href="/test">{common.testDevice}</a>
            </li>
            <li>
              <a href="/support">{common.support}</a>
            </li>
            <li>
              <a href="/accessibility">{common.accessibility}</a>
            </li>
          </ul>
        </section>
      </div>
    </footer>
  );
}
