import { useEffect } from 'preact/hooks';
import type { OrganisationView } from '../../../../shared/api.js';
import { getOrganisation, putOrganisation } from '../../api/admin-api.js';
import { filled, wholeNumber } from '../../model/checks.js';
import { Field, Form } from '../../model/form.js';
import { Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { SupportFields } from '../../model/support-fields.js';
import { localized, texts } from '../../texts/texts.js';
import { Fetched } from '../../components/bits.js';
import { CheckField, CheckList, TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { SupportFieldsView } from '../../components/support-fields.js';
import { useConst } from '../../components/use-const.js';

export function OrganisationPage({ app }: { app: ServiceApp }) {
  const { admin } = texts.value;
  const organisation = useConst(() => new Resource(getOrganisation));
  useEffect(() => void organisation.load(), [organisation]);
  return (
    <Page app={app} title={admin.nav.organisation} heading={admin.organisation.heading} narrow>
      <Fetched resource={organisation}>
        {(value) => <OrganisationForm app={app} organisation={value} />}
      </Fetched>
    </Page>
  );
}

function OrganisationForm({ app, organisation }: { app: ServiceApp; organisation: OrganisationView }) {
  const { organisation: words } = texts.value.admin;
  const { common } = texts.value;
  const fields = useConst(() => organisationFields(organisation));
  const { name, support, providers, meetings, audit, keepEvidence, form } = fields;
  const save = (): void =>
    void form.submit(async () => {
      await putOrganisation({
        ...organisation,
        name: name.peek().trim(),
        support: support.read(),
        providers: [...providers.peek()],
        retention: { meetings: Number(meetings.peek()), audit: Number(audit.peek()) },
        keepEvidence: keepEvidence.peek(),
      });
      app.notices.news(texts.peek().common.saved);
      // Name and support show at the edges of every page.
      await app.session.load();
    });
  return (
    <FormFrame form={form} onSubmit={save}>
      <TextField field={name} label={words.name} />
      <section class="card" aria-labelledby="support">
        <h2 id="support">{words.supportHeading}</h2>
        <p class="hint">{words.supportLead}</p>
        <SupportFieldsView support={support} />
      </section>
      <CheckList
        field={providers}
        label={words.providersHeading}
        choices={organisation.availableProviders.map(({ id, label, assurance, isTest }) => ({
          value: id,
          label: localized(label),
          hint: isTest ? common.testProof : common.assurance[assurance],
        }))}
      />
      <section class="card" aria-labelledby="retention">
        <h2 id="retention">{words.retentionHeading}</h2>
        <p class="hint">{words.retentionHint}</p>
        <div class="field-row">
          <TextField field={meetings} label={words.retentionMeetings} inputMode="numeric" />
          <TextField field={audit} label={words.retentionAudit} inputMode="numeric" />
        </div>
        <CheckField field={keepEvidence} label={words.keepEvidence} hint={words.keepEvidenceHint} />
      </section>
      <div class="actions">
        <SubmitButton form={form}>{common.save}</SubmitButton>
      </div>
    </FormFrame>
  );
}

function organisationFields(organisation: OrganisationView) {
  const { retention } = organisation;
  const days = wholeNumber(1, 3650, () => texts.value.admin.organisation.retentionWrong);
  const name = new Field(
    'name',
    organisation.name,
    filled(() => texts.value.admin.organisation.nameMissing),
  );
  const support = new SupportFields(organisation.support);
  const providers = new Field<readonly string[]>('providers', organisation.providers, (chosen) =>
    chosen.length === 0 ? () => texts.value.admin.organisation.providersMissing : null,
  );
  const meetings = new Field('retention-meetings', String(retention.meetings), days);
  const audit = new Field('retention-audit', String(retention.audit), days);
  const keepEvidence = new Field('keep-evidence', organisation.keepEvidence);
  const form = new Form(() => [name, ...support.all, providers, meetings, audit, keepEvidence]);
  return { name, support, providers, meetings, audit, keepEvidence, form };
}
