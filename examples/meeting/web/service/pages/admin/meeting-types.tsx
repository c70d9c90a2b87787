import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type {
  Assurance,
  EncryptionDemand,
  MeetingTypeView,
  ProtectionLevel,
} from '../../../../shared/api.js';
import { addMeetingType, getMeetingTypes, putMeetingType, removeMeetingType } from '../../api/admin-api.js';
import { ASSURANCES, ENCRYPTION_DEMANDS, type PROTECTION_LEVELS } from '../../model/booking.js';
import { filled } from '../../model/checks.js';
import { failureText } from '../../model/failure-text.js';
import { Field, Form } from '../../model/form.js';
import { asFailure, Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Facts, Fetched, informationText } from '../../components/bits.js';
import { Confirm } from '../../components/confirm.js';
import { SelectField, TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { LevelField } from '../portal/booking-steps.js';

/** Which information may be spoken of in which kind of meeting, and what that demands. */
export function MeetingTypesPage({ app }: { app: ServiceApp }) {
  const { meetingTypes: words } = texts.value.admin;
  const types = useConst(() => new Resource(getMeetingTypes));
  const changing = useSignal<MeetingTypeView | null>(null);
  const removing = useSignal<MeetingTypeView | null>(null);
  useEffect(() => void types.load(), [types]);
  const remove = async ({ id, name }: MeetingTypeView): Promise<void> => {
    try {
      await removeMeetingType(id);
      app.notices.news(words.removed(name));
      if (changing.peek()?.id === id) changing.value = null;
      await types.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead}>
      <div class="columns columns-aside">
        <section class="card" aria-label={words.heading}>
          <Fetched resource={types}>
            {(list) => (
              <>
                {list.length === 0 && <p>{words.none}</p>}
                <ul class="list">
                  {list.map((type) => (
                    <TypeLine
                      key={type.id}
                      type={type}
                      onChange={() => (changing.value = type)}
                      onRemove={() => (removing.value = type)}
                    />
                  ))}
                </ul>
              </>
            )}
          </Fetched>
        </section>
        <TypeForm
          key={changing.value?.id ?? 'new'}
          app={app}
          types={types}
          type={changing.value}
          onDone={() => (changing.value = null)}
        />
      </div>
      {removing.value !== null && (
        <Confirm
          heading={words.removeQuestion(removing.value.name)}
          action={words.removeName(removing.value.name)}
          onConfirm={() => remove(removing.value!)}
          onClose={() => (removing.value = null)}
        >
          <p>{words.removeLead}</p>
        </Confirm>
      )}
    </Page>
  );
}

function TypeLine({
  type,
  onChange,
  onRemove,
}: {
  type: MeetingTypeView;
  onChange: () => void;
  onRemove: () => void;
}) {
  const { meetingTypes: words } = texts.value.admin;
  const { common } = texts.value;
  return (
    <li>
      <h2>{type.name}</h2>
      <Facts
        rows={[
          [words.approved, informationText(type.approvedClass)],
          [words.level, common.assuranceShort[type.minimumAssurance]],
          [words.encryption, words.encryptionShort[type.endToEndEncryption]],
        ]}
      />
      <div class="row">
        <button
          type="button"
          class="button button-small"
          aria-label={words.changeName(type.name)}
          onClick={onChange}
        >
          {words.change}
        </button>
        <button
          type="button"
          class="button button-small button-danger"
          aria-label={words.removeName(type.name)}
          onClick={onRemove}
        >
          {common.remove}
        </button>
      </div>
    </li>
  );
}

type LevelText = (typeof PROTECTION_LEVELS)[number];

interface FormProps {
  app: ServiceApp;
  types: Resource<MeetingTypeView[]>;
  /** Null: a new one. */
  type: MeetingTypeView | null;
  onDone: () => void;
}

function TypeForm({ app, types, type, onDone }: FormProps) {
  const { meetingTypes: words } = texts.value.admin;
  const { information, people } = texts.value.booking;
  const { common } = texts.value;
  const fields = useConst(() => typeFields(type));
  const { name, confidentiality, integrity, availability, assurance, encryption, form } = fields;
  const save = (): void =>
    void form.submit(async () => {
      const level = (field: Field<LevelText>) => Number(field.peek()) as ProtectionLevel;
      const input = {
        name: name.peek().trim(),
        approvedClass: {
          confidentiality: level(confidentiality),
          integrity: level(integrity),
          availability: level(availability),
        },
        minimumAssurance: assurance.peek(),
        endToEndEncryption: encryption.peek(),
      };
      const saved = await (type === null ? addMeetingType(input) : putMeetingType({ ...input, id: type.id }));
      app.notices.news(texts.peek().admin.meetingTypes.saved(saved.name));
      if (type === null) name.reset('');
      else onDone();
      await types.load();
    });
  return (
    <section class="card" aria-labelledby="type-form">
      <h2 id="type-form">{type === null ? words.addHeading : words.changeHeading(type.name)}</h2>
      <FormFrame form={form} onSubmit={save}>
        <TextField field={name} label={words.name} />
        <LevelField field={confidentiality} label={information.short.confidentiality} />
        <LevelField field={integrity} label={information.short.integrity} />
        <LevelField field={availability} label={information.short.availability} />
        <SelectField
          field={assurance}
          label={words.level}
          choices={ASSURANCES.map((value) => ({ value, label: common.assuranceShort[value] }))}
        />
        <SelectField
          field={encryption}
          label={people.encryption}
          hint={words.encryptionHint}
          choices={ENCRYPTION_DEMANDS.map((value) => ({ value, label: words.encryptionShort[value] }))}
        />
        <div class="actions">
          <SubmitButton form={form}>{type === null ? words.add : common.save}</SubmitButton>
          {type !== null && (
            <button type="button" class="button" onClick={onDone}>
              {common.cancel}
            </button>
          )}
        </div>
      </FormFrame>
    </section>
  );
}

function typeFields(type: MeetingTypeView | null) {
  const approved = type?.approvedClass;
  const level = (id: string, value: ProtectionLevel = 2) =>
    new Field<LevelText>(id, String(value) as LevelText);
  const name = new Field(
    'name',
    type?.name ?? '',
    filled(() => texts.value.admin.meetingTypes.nameMissing),
  );
  const confidentiality = level('confidentiality', approved?.confidentiality);
  const integrity = level('integrity', approved?.integrity);
  const availability = level('availability', approved?.availability);
  const assurance = new Field<Assurance>('minimum-assurance', type?.minimumAssurance ?? 'substantial');
  const encryption = new Field<EncryptionDemand>(
    'end-to-end-encryption',
    type?.endToEndEncryption ?? 'required',
  );
  const form = new Form(() => [name, confidentiality, integrity, availability, assurance, encryption]);
  return { name, confidentiality, integrity, availability, assurance, encryption, form };
}
