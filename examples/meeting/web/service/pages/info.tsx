/** Pages for reading: device test, support, accessibility statement, and the one for wrong addresses. */
import { useEffect } from 'preact/hooks';
import { Readiness } from '../model/readiness.js';
import type { ServiceApp } from '../model/service-app.js';
import { texts } from '../texts/texts.js';
import { CheckListView } from '../components/check-list.js';
import { DevicePanel, Preview } from '../components/device-panel.js';
import { Page } from '../components/shell.js';
import { SupportLines } from '../components/support-contact.js';
import { useConst } from '../components/use-const.js';

export function DeviceTestPage({ app }: { app: ServiceApp }) {
  const { deviceTest } = texts.value.info;
  const { before } = texts.value.visit;
  const { checks } = texts.value.devices;
  const readiness = useConst(() => new Readiness());
  useEffect(() => {
    void app.media.start();
    return () => app.media.stop();
  }, []);
  return (
    <Page app={app} title={deviceTest.title} heading={deviceTest.heading} lead={deviceTest.lead}>
      <div class="columns columns-two">
        <section class="card" aria-labelledby="devices">
          <h2 id="devices">{before.devicesHeading}</h2>
          <Preview camera={app.media.camera} />
          <DevicePanel media={app.media} />
        </section>
        <section class="card" aria-labelledby="checks">
          <h2 id="checks">{checks.heading}</h2>
          <CheckListView readiness={readiness} />
        </section>
      </div>
    </Page>
  );
}

export function SupportPage({ app }: { app: ServiceApp }) {
  const { support } = texts.value.info;
  const { common } = texts.value;
  return (
    <Page app={app} title={support.title} heading={support.heading} lead={support.lead} narrow>
      <section class="card" aria-labelledby="contact">
        <h2 id="contact">{support.contactHeading}</h2>
        <SupportLines support={app.support} />
      </section>
      <section class="stack" aria-labelledby="questions">
        <h2 id="questions">{support.helpHeading}</h2>
        {support.questions.map(({ question, answer }) => (
          <div key={question} class="stack stack-small">
            <h3>{question}</h3>
            <p>{answer}</p>
          </div>
        ))}
      </section>
      <p>
        <a href="/test">{common.testDevice}</a>
      </p>
    </Page>
  );
}

export function AccessibilityPage({ app }: { app: ServiceApp }) {
  const { accessibility } = texts.value.info;
  return (
    <Page
      app={app}
      title={accessibility.title}
      heading={accessibility.heading}
      lead={accessibility.lead(app.serviceName)}
      narrow
    >
      {accessibility.sections.map(({ heading, paragraphs }) => (
        <section key={heading} class="stack stack-small">
          <h2>{heading}</h2>
          {paragraphs.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </section>
      ))}
    </Page>
  );
}

export function NotFoundPage({ app }: { app: ServiceApp }) {
  const { notFound } = texts.value.info;
  return (
    <Page app={app} title={notFound.title} heading={notFound.heading} lead={notFound.lead} narrow>
      <div class="actions">
        <a class="button" href="/">
          {texts.value.common.home}
        </a>
      </div>
    </Page>
  );
}
