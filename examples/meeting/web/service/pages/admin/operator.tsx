import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { OrganisationEntry } from '../../../../shared/api.js';
import { changeOrganisation, getOrganisations, registerOrganisation } from '../../api/admin-api.js';
import { filled } from '../../model/checks.js';
import { failureText } from '../../model/failure-text.js';
import { Field, Form } from '../../model/form.js';
import { OrganiserForm } from '../../model/organiser-form.js';
import { asFailure, Resource } from '../../model/resource.js';
import { PackageForm, SIZES } from '../../model/room-package.js';
import type { ServiceApp } from '../../model/service-app.js';
import { SupportFields } from '../../model/support-fields.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { Facts, Fetched } from '../../components/bits.js';
import { Dialog } from '../../components/dialog.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { OrganiserFields } from '../../components/organiser-fields.js';
import { PackageFields } from '../../components/package-fields.js';
import { Page } from '../../components/shell.js';
import { SupportFieldsView } from '../../components/support-fields.js';
import { useConst } from '../../components/use-const.js';

/** Those who run the service: which organisations use it, and how much of it. */
export function OperatorPage({ app }: { app: ServiceApp }) {
  const { operator: words } = texts.value.admin;
  const organisations = useConst(() => new Resource(getOrganisations));
  const changing = useSignal<OrganisationEntry | null>(null);
  useEffect(() => void organisations.load(), [organisations]);
  return (
    <Page app={app} title={words.title} heading={words.heading} lead={words.lead}>
      <div class="columns columns-aside">
        <section class="card" aria-label={words.heading}>
          <Fetched resource={organisations}>
            {(list) => (
              <>
                {list.length === 0 && <p>{words.none}</p>}
                <ul class="list">
                  {list.map((organisation) => (
                    <OrganisationLine
                      key={organisation.id}
                      app={app}
                      organisation={organisation}
                      organisations={organisations}
                      onChange={() => (changing.value = organisation)}
                    />
                  ))}
                </ul>
              </>
            )}
          </Fetched>
        </section>
        <RegisterForm app={app} organisations={organisations} />
      </div>
      {changing.value !== null && (
        <PackageDialog
          app={app}
          organisation={changing.value}
          organisations={organisations}
          onClose={() => (changing.value = null)}
        />
      )}
    </Page>
  );
}

interface LineProps {
  app: ServiceApp;
  organisation: OrganisationEntry;
  organisations: Resource<OrganisationEntry[]>;
}

function OrganisationLine({
  app,
  organisation,
  organisations,
  onChange,
}: LineProps & { onChange: () => void }) {
  const { operator: words } = texts.value.admin;
  const { id, name, active, roomPackage, administrators } = organisation;
  const rooms = SIZES.filter((size) => roomPackage[size] > 0).map((size) =>
    words.roomsOf(roomPackage[size], size),
  );
  const switchActive = async (): Promise<void> => {
    try {
      await changeOrganisation(id, { active: !active });
      app.notices.news(words.saved(name));
      await organisations.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  return (
    <li>
      <div class="list-head">
        <h2>{name}</h2>
        <Tag tone={active ? 'good' : 'warning'}>{active ? words.active : words.inactive}</Tag>
      </div>
      <Facts
        rows={[
          [words.rooms, rooms.join(', ')],
          [words.administrators, administrators.join(', ')],
        ]}
      />
      <div class="row">
        <button
          type="button"
          class="button button-small"
          aria-label={words.changeName(name)}
          onClick={onChange}
        >
          {words.change}
        </button>
        <button
          type="button"
          class={active ? 'button button-small button-danger' : 'button button-small'}
          aria-label={active ? words.deactivateName(name) : words.activateName(name)}
          onClick={() => void switchActive()}
        >
          {active ? words.deactivate : words.activate}
        </button>
      </div>
    </li>
  );
}

function RegisterForm({
  app,
  organisations,
}: {
  app: ServiceApp;
  organisations: Resource<OrganisationEntry[]>;
}) {
  const { operator: words, organisation: organisationWords } = texts.value.admin;
  const { name, rooms, support, administrator, form } = useConst(() => {
    const name = new Field<string>(
      'organisation-name',
      '',
      filled(() => texts.value.admin.organisation.nameMissing),
    );
    const rooms = new PackageForm(null);
    const support = new SupportFields({ name: '', phone: '', email: '', hours: '' });
    const administrator = new OrganiserForm(['administrator', 'organiser']);
    const form = new Form(() => [name, ...rooms.fields, ...support.all, ...administrator.fields]);
    return { name, rooms, support, administrator, form };
  });
  const register = (): void =>
    void form.submit(async () => {
      const added = await registerOrganisation({
        name: name.peek().trim(),
        roomPackage: rooms.read(),
        support: support.read(),
        administrator: administrator.read(),
      });
      app.notices.news(texts.peek().admin.operator.added(added.name));
      name.reset('');
      for (const field of support.all) field.reset('');
      administrator.clear();
      await organisations.load();
    });
  return (
    <section class="card" aria-labelledby="register">
      <h2 id="register">{words.addHeading}</h2>
      <FormFrame form={form} onSubmit={register}>
        <TextField field={name} label={words.name} />
        <h3>{words.packageHeading}</h3>
        <PackageFields rooms={rooms} />
        <h3>{organisationWords.supportHeading}</h3>
        <SupportFieldsView support={support} />
        <h3>{words.administratorHeading}</h3>
        <OrganiserFields organiser={administrator} roles={[]} />
        <div class="actions">
          <SubmitButton form={form}>{words.add}</SubmitButton>
        </div>
      </FormFrame>
    </section>
  );
}

function PackageDialog({ app, organisation, organisations, onClose }: LineProps & { onClose: () => void }) {
  const { operator: words } = texts.value.admin;
  const { common } = texts.value;
  const { rooms, form } = useConst(() => {
    const rooms = new PackageForm(organisation.roomPackage);
    return { rooms, form: new Form(() => rooms.fields) };
  });
  const save = async (): Promise<void> => {
    const done = await form.submit(async () => {
      await changeOrganisation(organisation.id, { roomPackage: rooms.read() });
      app.notices.news(texts.peek().admin.operator.saved(organisation.name));
      await organisations.load();
    });
    if (done) onClose();
  };
  return (
    <Dialog heading={words.changeHeading(organisation.name)} onClose={onClose}>
      <FormFrame form={form} onSubmit={() => void save()}>
        <PackageFields rooms={rooms} />
        <div class="actions">
          <SubmitButton form={form}>{common.save}</SubmitButton>
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
        </div>
      </FormFrame>
    </Dialog>
  );
}
