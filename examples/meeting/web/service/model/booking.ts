import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type {
  Assurance,
  BookMeetingRequest,
  EncryptionDemand,
  InformationClass,
  InviteeInput,
  MeetingKind,
  MeetingTypeView,
  PortalOverview,
  ProtectionLevel,
} from '../../../shared/api.js';
import { texts } from '../texts/texts.js';
import { filled, orEmpty, wholeNumber } from './checks.js';
import { dayOf, momentOf, weeksLater } from './dates.js';
import { type AnyField, Field, Form } from './form.js';
import { InviteeForm, type Via, waysOf } from './invitee-form.js';

export const ASSURANCES: readonly Assurance[] = ['low', 'substantial', 'high'];
export const ENCRYPTION_DEMANDS: readonly EncryptionDemand[] = ['required', 'off'];
export const PROTECTION_LEVELS = ['1', '2', '3', '4'] as const;
export const DURATIONS = ['15', '30', '45', '60', '90', '120', '180'] as const;
type LevelText = (typeof PROTECTION_LEVELS)[number];
type YesNo = 'yes' | 'no';

/** The steps of a booking, in order; the last is the review. */
export const STEPS = ['subject', 'suitability', 'time', 'people', 'review'] as const;
export type Step = (typeof STEPS)[number];

/** A booking while it is filled in. Each step has its own form; together they make the request. */
export class Booking {
  readonly step = signal(0);

  readonly title = new Field<string>('title', '', (text) => {
    if (text.trim() === '') return () => texts.value.booking.subject.titleMissing;
    return text.trim().length > 120 ? () => texts.value.booking.subject.titleLong : null;
  });
  readonly kind = new Field<MeetingKind | null>('kind', 'individual');
  readonly meetingType: Field<string>;
  readonly room: Field<string>;
  readonly confidentiality = new Field<LevelText>('confidentiality', '2');
  readonly integrity = new Field<LevelText>('integrity', '2');
  readonly availability = new Field<LevelText>('availability', '2');

  readonly child = new Field<YesNo | null>('concerns-protection-of-child', null, (answer) =>
    answer === null ? () => texts.value.booking.suitability.childMissing : null,
  );
  readonly suits = new Field<YesNo | null>('suits-the-person', null, (answer) =>
    answer === null ? () => texts.value.booking.suitability.suitsMissing : null,
  );
  readonly justification = new Field<string>(
    'justification',
    '',
    filled(() => texts.value.booking.suitability.justificationMissing),
  );
  readonly deviationReason = new Field<string>(
    'deviation-reason',
    '',
    filled(() => texts.value.booking.suitability.deviationReasonMissing),
  );
  readonly decidedBy = new Field<string>(
    'decided-by',
    '',
    filled(() => texts.value.booking.suitability.decidedByMissing),
  );

  readonly date: Field<string>;
  readonly time: Field<string> = new Field<string>('time', '10:00', (clock) => {
    if (!/^\d{2}:\d{2}$/.test(clock)) return () => texts.value.booking.time.timeMissing;
    const startsAt = this.startsAt.peek();
    return startsAt !== null && Date.parse(startsAt) < Date.now()
      ? () => texts.value.booking.time.datePast
      : null;
  });
  readonly duration = new Field<(typeof DURATIONS)[number]>('duration-minutes', '60');
  readonly repeat = new Field<'once' | '1' | '2' | '4'>('repeat', 'once');
  readonly count = new Field<string>(
    'count',
    '4',
    wholeNumber(2, 52, () => texts.value.booking.time.countWrong),
  );

  readonly invitees = signal<readonly InviteeInput[]>([]);
  readonly invitee: InviteeForm;
  readonly minimumAssurance: Field<Assurance | null>;
  readonly encryption: Field<EncryptionDemand | null>;
  readonly message = new Field<string>('message', '', (text) =>
    text.length > 2000 ? () => texts.value.booking.people.messageLong : null,
  );
  readonly payment = new Field<string>(
    'payment',
    '',
    orEmpty(wholeNumber(1, 100_000, () => texts.value.booking.people.paymentWrong)),
  );

  readonly forms: Record<Step, Form> = {
    subject: new Form(() => [
      this.title,
      this.kind,
      this.meetingType,
      this.room,
      this.confidentiality,
      this.integrity,
      this.availability,
    ]),
    suitability: new Form(() => this.#suitabilityFields()),
    time: new Form(() => [
      this.date,
      this.time,
      this.duration,
      this.repeat,
      ...(this.repeat.value === 'once' ? [] : [this.count]),
    ]),
    people: new Form(() => [this.minimumAssurance, this.encryption, this.message, this.payment]),
    review: new Form(() => []),
  };

  /** What the meeting type is approved for is less than what the information needs. */
  readonly exceedsType = computed(() => {
    const type = this.type;
    const asked = this.informationClass;
    return type !== undefined && asked !== null && exceeds(asked, type.approvedClass);
  });
  /** No digital meeting, whatever else is filled in. */
  readonly refused = computed(() => this.child.value === 'yes' || this.suits.value === 'no');
  readonly startsAt: ReadonlySignal<string | null> = computed(() =>
    momentOf(this.date.value, this.time.value),
  );
  /** Every date of the series; one when it is none. */
  readonly dates = computed(() => {
    const first = this.startsAt.value;
    if (first === null) return [];
    const [weeks, count] =
      this.repeat.value === 'once' ? [0, 1] : [Number(this.repeat.value), Number(this.count.value)];
    if (!Number.isInteger(count) || count < 1 || count > 52) return [first];
    return Array.from({ length: count }, (_, index) => weeksLater(first, index * weeks));
  });

  constructor(readonly overview: PortalOverview) {
    const [type] = overview.meetingTypes;
    this.meetingType = new Field('meeting-type-id', type?.id ?? '');
    this.room = new Field('room-id', overview.rooms[0]?.id ?? '');
    this.date = new Field('date', dayOf(new Date(Date.now() + 86_400_000)), (day) =>
      /^\d{4}-\d{2}-\d{2}$/.test(day) ? null : () => texts.value.booking.time.dateMissing,
    );
    this.minimumAssurance = new Field<Assurance | null>(
      'minimum-assurance',
      type?.minimumAssurance ?? 'substantial',
    );
    this.encryption = new Field<EncryptionDemand | null>(
      'end-to-end-encryption',
      type?.endToEndEncryption ?? 'required',
    );
    this.invitee = new InviteeForm(this.ways[0]);
  }

  get type(): MeetingTypeView | undefined {
    return this.overview.meetingTypes.find(({ id }) => id === this.meetingType.value);
  }

  get ways(): Via[] {
    return waysOf(this.overview);
  }

  get capacity(): number {
    return this.overview.rooms.find(({ id }) => id === this.room.value)?.capacity ?? 5;
  }

  get informationClass(): InformationClass | null {
    const level = (field: Field<LevelText>) => Number(field.value) as ProtectionLevel;
    return {
      confidentiality: level(this.confidentiality),
      integrity: level(this.integrity),
      availability: level(this.availability),
    };
  }

  /** Another meeting type brings its own demands. */
  chooseType(id: string): void {
    this.meetingType.value = id;
    const { type } = this;
    if (type === undefined) return;
    this.minimumAssurance.value = type.minimumAssurance;
    this.encryption.value = type.endToEndEncryption;
  }

  /** On to the next step when this one will do. */
  next(): boolean {
    const step = STEPS[this.step.peek()];
    if (!this.forms[step].validate()) return false;
    if (step === 'suitability' && this.refused.peek()) return false;
    if (step === 'people' && !this.#peopleWillDo()) return false;
    this.step.value++;
    return true;
  }

  addInvitee(): string | null {
    if (!this.invitee.form.validate()) return null;
    const added = this.invitee.read();
    this.invitees.value = [...this.invitees.value, added];
    this.invitee.clear();
    this.forms.people.problem.value = null;
    return added.name;
  }

  removeInvitee(index: number): void {
    this.invitees.value = this.invitees.value.filter((_, at) => at !== index);
  }

  request(): BookMeetingRequest {
    const payment = this.payment.peek().trim();
    return {
      title: this.title.peek().trim(),
      kind: this.kind.peek() ?? 'individual',
      meetingTypeId: this.meetingType.peek(),
      roomId: this.room.peek(),
      startsAt: this.startsAt.peek() ?? '',
      durationMinutes: Number(this.duration.peek()),
      message: this.message.peek().trim(),
      minimumAssurance: this.minimumAssurance.peek() ?? 'substantial',
      endToEndEncryption: this.encryption.peek() ?? 'required',
      informationClass: this.informationClass!,
      assessment: {
        concernsProtectionOfChild: this.child.peek() === 'yes',
        suitsThePerson: this.suits.peek() === 'yes',
        deviation: this.exceedsType.peek()
          ? { reason: this.deviationReason.peek().trim(), decidedBy: this.decidedBy.peek().trim() }
          : null,
        justification: this.justification.peek().trim(),
      },
      invitees: [...this.invitees.peek()],
      ...(this.repeat.peek() === 'once'
        ? {}
        : {
            series: { everyWeeks: Number(this.repeat.peek()) as 1 | 2 | 4, count: Number(this.count.peek()) },
          }),
      ...(payment === '' ? {} : { payment: { amount: Number(payment), currency: 'SEK' as const } }),
    };
  }

  #suitabilityFields(): AnyField[] {
    if (this.child.value === 'yes') return [this.child];
    if (this.suits.value === 'no') return [this.child, this.suits];
    const deviation = this.exceedsType.value ? [this.deviationReason, this.decidedBy] : [];
    return [this.child, this.suits, ...deviation, this.justification];
  }

  #peopleWillDo(): boolean {
    const { people } = this.forms;
    const count = this.invitees.peek().length;
    if (this.invitee.begun) people.problem.value = () => texts.value.booking.people.notAdded;
    else if (count === 0) people.problem.value = () => texts.value.booking.people.noneError;
    else if (count + 1 > this.capacity)
      people.problem.value = () => texts.value.booking.people.tooMany(this.capacity);
    else return true;
    people.refusals.value++;
    return false;
  }
}

function exceeds(asked: InformationClass, approved: InformationClass): boolean {
  return (
    asked.confidentiality > approved.confidentiality ||
    asked.integrity > approved.integrity ||
    asked.availability > approved.availability
  );
}
