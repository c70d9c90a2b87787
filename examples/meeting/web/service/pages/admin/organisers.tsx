import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { OrganiserView, RoomPackage, RoomView } from '../../../../shared/api.js';
import {
  addOrganiser,
  addRoom,
  getOrganisation,
  getOrganisers,
  removeOrganiser,
  removeRoom,
} from '../../api/admin-api.js';
import { filled } from '../../model/checks.js';
import { failureText } from '../../model/failure-text.js';
import { Field, Form } from '../../model/form.js';
import { OrganiserForm } from '../../model/organiser-form.js';
import { asFailure, Resource } from '../../model/resource.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Tag } from '../../components/alert.js';
import { Facts, Fetched } from '../../components/bits.js';
import { Confirm } from '../../components/confirm.js';
import { Dialog } from '../../components/dialog.js';
import { SelectField, TextField } from '../../components/fields.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { OrganiserFields } from '../../components/organiser-fields.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';

type Capacity = RoomView['capacity'];
const CAPACITIES: readonly Capacity[] = [5, 25, 50, 100];

type Asked =
  | { about: 'remove'; organiser: OrganiserView }
  | { about: 'room'; organiser: OrganiserView }
  | { about: 'remove-room'; room: RoomView };

/** Who may book, and what waiting rooms they have, within what the organisation may give out. */
export function OrganisersPage({ app }: { app: ServiceApp }) {
  const { organisers: words } = texts.value.admin;
  const organisers = useConst(() => new Resource(getOrganisers));
  const organisation = useConst(() => new Resource(getOrganisation));
  const asked = useSignal<Asked | null>(null);
  useEffect(() => {
    void organisers.load();
    void organisation.load();
  }, [organisers]);
  const rooms = (organisers.value ?? []).flatMap((organiser) => organiser.rooms);
  const roomPackage = organisation.value?.roomPackage ?? null;
  return (
    <Page app={app} title={words.heading} heading={words.heading} lead={words.lead}>
      <div class="columns columns-aside">
        <section class="card" aria-label={words.heading}>
          <Fetched resource={organisers}>
            {(list) => (
              <>
                {list.length === 0 && <p>{words.none}</p>}
                <ul class="list">
                  {list.map((organiser) => (
                    <OrganiserLine
                      key={organiser.id}
                      organiser={organiser}
                      onAsk={(what) => (asked.value = what)}
                    />
                  ))}
                </ul>
              </>
            )}
          </Fetched>
        </section>
        <div class="stack">
          {roomPackage !== null && <PackageCard roomPackage={roomPackage} rooms={rooms} />}
          <AddOrganiser app={app} organisers={organisers} />
        </div>
      </div>
      <AskedDialog
        app={app}
        asked={asked.value}
        organisers={organisers}
        left={roomPackage === null ? null : (size) => roomPackage[size] - used(rooms, size)}
        onClose={() => (asked.value = null)}
      />
    </Page>
  );
}

function used(rooms: readonly RoomView[], size: Capacity): number {
  return rooms.filter(({ capacity }) => capacity === size).length;
}

function OrganiserLine({ organiser, onAsk }: { organiser: OrganiserView; onAsk: (asked: Asked) => void }) {
  const { organisers: words } = texts.value.admin;
  const { common, portal } = texts.value;
  const { name, email, roles, rooms } = organiser;
  return (
    <li>
      <h2>{name}</h2>
      <p class="hint">{email}</p>
      <div class="row">
        {roles.map((role) => (
          <Tag key={role}>{words.role[role]}</Tag>
        ))}
      </div>
      {rooms.length === 0 ? (
        <p class="hint">{words.noRooms}</p>
      ) : (
        <ul class="stack stack-small">
          {rooms.map((room) => (
            <li key={room.id}>
              <div class="row">
                <span>
                  {room.name} ({portal.seats(room.capacity)})
                </span>
                <button
                  type="button"
                  class="button button-small button-quiet"
                  aria-label={words.removeRoom(room.name)}
                  onClick={() => onAsk({ about: 'remove-room', room })}
                >
                  {common.remove}
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <button
          type="button"
          class="button button-small"
          aria-label={words.addRoomFor(name)}
          onClick={() => onAsk({ about: 'room', organiser })}
        >
          {words.addRoom}
        </button>
        <button
          type="button"
          class="button button-small button-danger"
          aria-label={words.remove(name)}
          onClick={() => onAsk({ about: 'remove', organiser })}
        >
          {common.remove}
        </button>
      </div>
    </li>
  );
}

function PackageCard({ roomPackage, rooms }: { roomPackage: RoomPackage; rooms: readonly RoomView[] }) {
  const { organisers: words } = texts.value.admin;
  return (
    <section class="card" aria-labelledby="package">
      <h2 id="package">{words.packageHeading}</h2>
      <Facts
        rows={CAPACITIES.filter((size) => roomPackage[size] > 0).map((size) => [
          words.capacityOf(size),
          words.packageUse(used(rooms, size), roomPackage[size]),
        ])}
      />
    </section>
  );
}

function AddOrganiser({ app, organisers }: { app: ServiceApp; organisers: Resource<OrganiserView[]> }) {
  const { organisers: words } = texts.value.admin;
  const organiser = useConst(() => new OrganiserForm(['organiser']));
  const add = (): void =>
    void organiser.form.submit(async () => {
      const added = await addOrganiser(organiser.read());
      organisers.update((list) => [...list, added]);
      organiser.clear();
      app.notices.news(texts.peek().admin.organisers.added(added.name));
    });
  return (
    <section class="card" aria-labelledby="add">
      <h2 id="add">{words.addHeading}</h2>
      <FormFrame form={organiser.form} onSubmit={add}>
        <OrganiserFields organiser={organiser} roles={['organiser', 'administrator']} />
        <div class="actions">
          <SubmitButton form={organiser.form}>{words.add}</SubmitButton>
        </div>
      </FormFrame>
    </section>
  );
}

interface AskedProps {
  app: ServiceApp;
  asked: Asked | null;
  organisers: Resource<OrganiserView[]>;
  /** How many of a size may still be given out; null: not known. */
  left: ((size: Capacity) => number) | null;
  onClose: () => void;
}

function AskedDialog({ app, asked, organisers, left, onClose }: AskedProps) {
  const { organisers: words } = texts.value.admin;
  if (asked === null) return null;
  const doing = async (work: () => Promise<unknown>, done: string): Promise<void> => {
    try {
      await work();
      app.notices.news(done);
      await organisers.load();
    } catch (error) {
      app.notices.problem(failureText(asFailure(error)));
    }
  };
  switch (asked.about) {
    case 'remove': {
      const { id, name } = asked.organiser;
      return (
        <Confirm
          heading={words.removeQuestion(name)}
          action={words.remove(name)}
          onConfirm={() => doing(() => removeOrganiser(id), words.removed(name))}
          onClose={onClose}
        >
          <p>{words.removeLead}</p>
        </Confirm>
      );
    }
    case 'remove-room': {
      const { id, name } = asked.room;
      return (
        <Confirm
          heading={`${words.removeRoom(name)}?`}
          action={words.removeRoom(name)}
          onConfirm={() => doing(() => removeRoom(id), words.roomRemoved(name))}
          onClose={onClose}
        >
          <p>{words.removeRoomLead}</p>
        </Confirm>
      );
    }
    case 'room':
      return (
        <RoomDialog
          app={app}
          organiser={asked.organiser}
          organisers={organisers}
          left={left}
          onClose={onClose}
        />
      );
  }
}

function RoomDialog({
  app,
  organiser,
  organisers,
  left,
  onClose,
}: Omit<AskedProps, 'asked'> & { organiser: OrganiserView }) {
  const { organisers: words } = texts.value.admin;
  const { name, capacity, form } = useConst(() => {
    const name = new Field<string>(
      'room-name',
      '',
      filled(() => texts.value.admin.organisers.roomNameMissing),
    );
    const first = CAPACITIES.find((size) => left === null || left(size) > 0) ?? 5;
    const capacity = new Field<string>('capacity', String(first));
    return { name, capacity, form: new Form(() => [name, capacity]) };
  });
  const add = async (): Promise<void> => {
    const done = await form.submit(async () => {
      const room = await addRoom(organiser.id, name.peek().trim(), Number(capacity.peek()) as Capacity);
      app.notices.news(texts.peek().admin.organisers.roomAdded(room.name));
      await organisers.load();
    });
    if (done) onClose();
  };
  return (
    <Dialog heading={words.roomHeading(organiser.name)} onClose={onClose}>
      <FormFrame form={form} onSubmit={() => void add()}>
        <TextField field={name} label={words.roomName} />
        <SelectField
          field={capacity}
          label={words.capacity}
          choices={CAPACITIES.map((size) => ({
            value: String(size),
            label: left === null ? words.capacityOf(size) : words.capacityLeft(size, Math.max(0, left(size))),
          }))}
        />
        <div class="actions">
          <SubmitButton form={form}>{words.addRoom}</SubmitButton>
          <button type="button" class="button" onClick={onClose}>
            {texts.value.common.cancel}
          </button>
        </div>
      </FormFrame>
    </Dialog>
  );
}
