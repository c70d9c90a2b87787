/**
 * What happens before anybody opens a meeting's page, over plain HTTP: the organiser books the meeting and invites, people
 * identify themselves with the test e-ID, claim their invitation, and are let in. The test e-ID must be on, the demo
 * organisation be there, and 127.0.0.1 be a trusted proxy: each person comes from an address of their own, as in life.
 */
import type {
  BookMeetingRequest,
  EidOrderView,
  EncryptionDemand,
  LobbyView,
  MeetingRole,
  MeetingTypeView,
  MeetingView,
  ParticipantView,
  PortalOverview,
} from '../../../examples/meeting/shared/api.js';

export interface Invited {
  name: string;
  /** By this name tests tell meetings apart. */
  room: string;
  /** Default: the first one is the host, who lets in those who come after. */
  role?: MeetingRole;
  /** End-to-end encryption: true demands it, false does without; default: what the organisation demands at least. */
  encrypted?: boolean;
}

export interface Cookie {
  name: string;
  value: string;
}

/** Whom the demo organisation knows as its organiser. */
const ORGANISER = { name: 'Anna Andersson', personalNumber: '198001012387' };
const MINUTE_MS = 60_000;
/** The waiting room opens so long before the start. */
const OPENS_BEFORE_MINUTES = 60;
/** Of the demo organisation's larger room. */
const CAPACITY = 25;

interface Meeting {
  id: string;
  host: Promise<Guest> | null;
}

/** The organiser of one running service. */
export class ServiceDesk {
  readonly #meetings = new Map<string, Promise<Meeting>>();
  #organiser: Promise<Person> | null = null;
  readonly #seen = new Set<string>();
  #people = 0;
  #booked = 0;

  /** `minutes`: how long the meetings are planned for, 5 to 480. */
  constructor(
    /** The service's address, ending in a slash. */
    private readonly url: string,
    private readonly minutes = 15,
  ) {}

  /**
   * Books the meeting unless it is booked already; the person has claimed the invitation and not entered yet. One call
   * after the other.
   */
  async invite(invited: Invited): Promise<Guest> {
    const { room, encrypted } = invited;
    const key = `${room} ${encrypted}`;
    let meeting = this.#meetings.get(key);
    if (meeting === undefined) this.#meetings.set(key, (meeting = this.#book(room, encrypted)));
    const { id, host } = await meeting;
    const role = invited.role ?? (host === null ? 'host' : 'participant');
    const guest = this.#welcome(id, invited.name, role, host);
    if (host === null && role === 'host') (await meeting).host = guest;
    return guest;
  }

  async #welcome(meetingId: string, name: string, role: MeetingRole, host: Meeting['host']): Promise<Guest> {
    const organiser = await this.#signedIn();
    const person = this.#nextPerson();
    const personalNumber = syntheticNumber(this.#people);
    // A host whom the organisation does not know must be named.
    const named = role === 'host' ? { personalNumber } : {};
    const { invitations } = await organiser.send<MeetingView>('PATCH', `portal/meetings/${meetingId}`, {
      invitees: [{ name, role, via: 'link', language: 'en', ...named }],
    });
    const { id, link } = invitations.find((one) => !this.#seen.has(one.id))!;
    this.#seen.add(id);
    const invitation = link.slice(link.lastIndexOf('/') + 1);
    await person.identify({ name, personalNumber }, invitation);
    const { participantId } = await person.send<ParticipantView>(
      'POST',
      `invitations/${invitation}/claim`,
      {},
    );
    return new Guest(person, meetingId, participantId, role === 'host' ? null : await host);
  }

  async #book(room: string, encrypted: boolean | undefined): Promise<Meeting> {
    const organiser = await this.#signedIn();
    const { rooms, meetingTypes } = await organiser.send<PortalOverview>('GET', 'portal/overview');
    const type =
      encrypted === false
        ? await unencryptedType(organiser)
        : meetingTypes.find(({ minimumAssurance }) => minimumAssurance === 'low')!;
    const demand: EncryptionDemand = encrypted === true ? 'required' : type.endToEndEncryption;
    // One after the other in the same room, all of them soon enough to be open.
    const inMinutes = this.#booked++ * this.minutes;
    if (inMinutes >= OPENS_BEFORE_MINUTES)
      throw new Error(`${this.#booked} meetings are too many for an hour`);
    const request: BookMeetingRequest = {
      title: room,
      kind: 'group',
      meetingTypeId: type.id,
      roomId: rooms.find(({ capacity }) => capacity === CAPACITY)!.id,
      startsAt: new Date(Date.now() + inMinutes * MINUTE_MS).toISOString(),
      durationMinutes: this.minutes,
      message: '',
      minimumAssurance: 'low',
      endToEndEncryption: demand,
      informationClass: { confidentiality: 1, integrity: 1, availability: 1 },
      assessment: {
        concernsProtectionOfChild: false,
        suitsThePerson: true,
        deviation: null,
        justification: 'A test.',
      },
      invitees: [],
    };
    const { meetings } = await organiser.send<{ meetings: MeetingView[] }>(
      'POST',
      'portal/meetings',
      request,
    );
    return { id: meetings[0].id, host: null };
  }

  #signedIn(): Promise<Person> {
    const signIn = async (): Promise<Person> => {
      const organiser = this.#nextPerson();
      await organiser.identify(ORGANISER);
      return organiser;
    };
    return (this.#organiser ??= signIn());
  }

  #nextPerson(): Person {
    return new Person(this.url, `10.0.0.${++this.#people}`);
  }
}

/** Somebody who is identified and has a place in a meeting. */
export class Guest {
  constructor(
    private readonly person: Person,
    readonly meetingId: string,
    private readonly participantId: string,
    /** Who lets this person in; null for hosts, whom nobody has to let in. */
    private readonly host: Guest | null,
  ) {}

  /** Lets the browser that has it act as this person. */
  get cookie(): Cookie {
    return this.person.cookie;
  }

  /** Whom the service takes this person's browser for, when it says so in `X-Forwarded-For`. */
  get address(): string {
    return this.person.address;
  }

  get waits(): boolean {
    return this.host !== null;
  }

  /** Once this person is in the waiting room, and the host in the meeting. */
  async admit(): Promise<void> {
    await this.host?.person.send<LobbyView>('POST', `meetings/${this.meetingId}/lobby/admit`, {
      participantId: this.participantId,
    });
  }
}

/** A browser without a window: keeps the cookie, and sends what a browser sends with a request of the service's own page. */
class Person {
  #cookie: Cookie | null = null;

  constructor(
    private readonly url: string,
    readonly address: string,
  ) {}

  get cookie(): Cookie {
    if (this.#cookie === null) throw new Error('no session has begun');
    return this.#cookie;
  }

  /** Throws what the service says when it does not answer with what was asked for. */
  async send<T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<T> {
    const headers = new Headers({ origin: new URL(this.url).origin, 'x-forwarded-for': this.address });
    // The server closes idle connections: one that is kept may be gone by the next request.
    headers.set('connection', 'close');
    if (this.#cookie !== null) headers.set('cookie', `${this.#cookie.name}=${this.#cookie.value}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const response = await fetch(`${this.url}api/${path}`, { method, headers, body: JSON.stringify(body) });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      this.#cookie = { name, value };
    }
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  async identify(who: { name: string; personalNumber: string }, invitation?: string): Promise<void> {
    const { id } = await this.send<EidOrderView>('POST', 'eid/orders', {
      provider: 'test',
      purpose: invitation === undefined ? 'portal' : 'meeting',
      invitation,
      sameDevice: false,
      returnPath: '/',
      claim: { ...who, assurance: 'substantial' },
    });
    const { state } = await this.send<EidOrderView>('GET', `eid/orders/${id}`);
    if (state !== 'complete') throw new Error(`the test e-ID says ${state}`);
  }
}

/** The demo organisation has none: what it approves demands encryption where it is possible. */
function unencryptedType(administrator: Person): Promise<MeetingTypeView> {
  return administrator.send<MeetingTypeView>('POST', 'admin/meeting-types', {
    name: 'Without encryption',
    approvedClass: { confidentiality: 1, integrity: 1, availability: 1 },
    minimumAssurance: 'low',
    endToEndEncryption: 'off',
  });
}

/** Of the right form, with its check digit; of people older than anybody is. */
function syntheticNumber(index: number): string {
  const day = String(1 + Math.floor(index / 1000)).padStart(2, '0');
  const digits = `1212${day}${String(index % 1000).padStart(3, '0')}`;
  let sum = 0;
  for (const [place, digit] of [...digits].entries()) {
    const product = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += product > 9 ? product - 9 : product;
  }
  return `19${digits}${(10 - (sum % 10)) % 10}`;
}
