import { useSignal } from '@preact/signals';
import { eidFailureText } from '../model/failure-text.js';
import { invitationToken } from '../model/route.js';
import { Field, Form } from '../model/form.js';
import type { ServiceApp } from '../model/service-app.js';
import { texts } from '../texts/texts.js';
import { Alert } from '../components/alert.js';
import { TextField } from '../components/fields.js';
import { FormFrame, SubmitButton } from '../components/form-frame.js';
import { Page } from '../components/shell.js';
import { useConst } from '../components/use-const.js';

/** The front door: for those with an invitation, and for those who work here. */
export function StartPage({ app }: { app: ServiceApp }) {
  const { start } = texts.value.identify;
  const { common } = texts.value;
  const { link, form } = useConst(() => {
    const link = new Field<string>('invitation-link', '', (pasted) => {
      if (pasted.trim() === '') return () => texts.value.identify.start.linkMissing;
      return invitationToken(pasted) === null ? () => texts.value.identify.start.linkWrong : null;
    });
    return { link, form: new Form(() => [link]) };
  });
  const open = (): void => {
    if (form.validate()) app.router.go(`/i/${invitationToken(link.peek())}`);
  };
  // A redirect provider sent the browser back, and nobody remembers where it had come from.
  const failed = useSignal(
    app.router.query.peek().get('eid') === 'failed' ? (app.router.query.peek().get('reason') ?? '') : null,
  );
  const staff = app.session.roles.value.length > 0;
  return (
    <Page app={app} title={start.title} heading={start.heading} lead={start.lead}>
      {failed.value !== null && (
        <Alert tone="problem" role="alert" heading={texts.value.identify.failedHeading}>
          <p>{eidFailureText(failed.value) ?? texts.value.failures.unknown}</p>
        </Alert>
      )}
      <div class="columns columns-two">
        <section class="card" aria-labelledby="invited">
          <h2 id="invited">{start.invitedHeading}</h2>
          <p>{start.invitedLead}</p>
          <FormFrame form={form} onSubmit={open}>
            <TextField
              field={link}
              label={start.linkLabel}
              hint={start.linkHint}
              type="url"
              inputMode="url"
            />
            <div class="actions">
              <SubmitButton form={form}>{start.openLink}</SubmitButton>
            </div>
          </FormFrame>
        </section>
        <section class="card" aria-labelledby="staff">
          <h2 id="staff">{start.staffHeading}</h2>
          <p>{start.staffLead}</p>
          <div class="actions">
            <a class="button" href={homeOf(app)}>
              {staff ? start.toPortal : common.signIn}
            </a>
          </div>
        </section>
      </div>
      <section class="stack" aria-labelledby="how">
        <h2 id="how">{start.howHeading}</h2>
        <ol class="stack stack-small">
          {start.how.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
    </Page>
  );
}

/** Where somebody with roles begins; those without are asked to sign in there. */
export function homeOf(app: ServiceApp): string {
  const roles = app.session.roles.value;
  if (roles.length === 0 || roles.includes('organiser')) return '/portal';
  return roles.includes('administrator') ? '/admin' : '/operator';
}
