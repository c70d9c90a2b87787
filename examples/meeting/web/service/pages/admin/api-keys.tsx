import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ApiKeyView } from '../../../../shared/api.js';
import { addApiKey, getApiKeys, removeApiKey } from '../../api/admin-api.js';
import { filled } from '../../model/checks.js';
import { momentText } from '../../model/dates.js';
import { failureText } from '../../model/failure-text.js';
import { Field, Form } from '../../model/form.js';
import { asFailure, Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { copyText, Facts, Fetched } from '../../components/bits.js';
import { Confirm } from '../../components/confirm.js';
import { Dialog } from '../../components/dialog.js';
import { TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';

/** Keys by which booking systems book. */
export function ApiKeysPage({ app }: { app: ServiceApp }) {
  const { apiKeys: words } = texts.value.admin;
  const { common } = texts.value;
  const keys = useConst(() => new Resource(getApiKeys));
  const made = useSignal<string | null>(null);
  const removing = useSignal<ApiKeyView | null>(null);
  const { name, form } = useConst(() => {
    const name = new Field<string>(
      'name',
      '',
      filled(() => texts.value.admin.apiKeys.nameMissing),
    );
    return { name, form: new Form(() => [name]) };
  });
  useEffect(() => void keys.load(), [keys]);
  const add = (): void =>
    void form.submit(async () => {
      made.value = (await addApiKey(name.peek().trim())).key;
      name.reset('');
      await keys.load();
    });
  const remove = async (key: ApiKeyView): Promise<void> => {
    try {
      await removeApiKey(key.id);
      app.notices.news(words.removed(key.name));
      await keys.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead} narrow>
      <section class="card" aria-label={words.heading}>
        <Fetched resource={keys}>
          {(list) => (
            <>
              {list.length === 0 && <p>{words.none}</p>}
              <ul class="list">
                {list.map((key) => (
                  <KeyLine key={key.id} entry={key} onRemove={() => (removing.value = key)} />
                ))}
              </ul>
            </>
          )}
        </Fetched>
      </section>
      <section class="card" aria-labelledby="add">
        <h2 id="add">{words.add}</h2>
        <FormFrame form={form} onSubmit={add}>
          <TextField field={name} label={words.name} size="medium" />
          <div class="actions">
            <SubmitButton form={form}>{words.add}</SubmitButton>
          </div>
        </FormFrame>
      </section>
      {made.value !== null && (
        <Dialog heading={words.newHeading} onClose={() => (made.value = null)}>
          <p>{words.newLead}</p>
          <code class="secret">{made.value}</code>
          <div class="actions">
            <button
              type="button"
              class="button button-primary"
              onClick={() => copyText(made.value ?? '', app.notices, common.copied)}
            >
              {common.copy}
            </button>
            <button type="button" class="button" onClick={() => (made.value = null)}>
              {common.close}
            </button>
          </div>
        </Dialog>
      )}
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

function KeyLine({ entry, onRemove }: { entry: ApiKeyView; onRemove: () => void }) {
  const { apiKeys: words } = texts.value.admin;
  const { name, createdAt, lastUsedAt } = entry;
  return (
    <li>
      <div class="list-head">
        <h2>{name}</h2>
        <button
          type="button"
          class="button button-small button-danger"
          aria-label={words.removeName(name)}
          onClick={onRemove}
        >
          {texts.value.common.remove}
        </button>
      </div>
      <Facts
        rows={[
          [words.created, momentText(createdAt).slice(0, 16)],
          [words.lastUsed, lastUsedAt === null ? words.never : momentText(lastUsedAt).slice(0, 16)],
        ]}
      />
    </li>
  );
}
