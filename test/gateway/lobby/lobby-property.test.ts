/**
 * No sequence of operations lets in somebody who must stay out. The model below keeps its own book of what was proven,
 * who is where and what was decided, and shares no line with the lobby.
 */
import fc from 'fast-check';
import t from 'tap';
import { type Assurance, ASSURANCES, Lobby, LobbyError, type LobbySettings } from '#src/gateway/index.js';
import { START } from './lobby-people.js';

const IDS = ['host', 'second', 'anna', 'bo', 'cleo', 'named'];
const HOSTS = ['host', 'second'];

const id = fc.constantFrom(...IDS, ...IDS, 'stranger');
const by = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...HOSTS) }, fc.constantFrom(...IDS));
const byOrService = fc.oneof({ weight: 4, arbitrary: by }, fc.constant(null));
/** Seldom a host, or there would soon be nobody left to act. */
const turnedAway = fc.constantFrom(...IDS.slice(2), ...IDS.slice(2), 'host');
const assurance = fc.constantFrom(...ASSURANCES);
const operation = fc.oneof(
  fc.record({
    op: fc.constant('identify' as const),
    id,
    assurance,
    matches: fc.boolean(),
    person: fc.constantFrom(undefined, ...IDS),
  }),
  // What leads into the room comes more often than what leads out of it, or few would ever get there.
  ...['wait', 'wait', 'wait', 'joinedRoom', 'joinedRoom', 'joinedRoom', 'leftRoom', 'leave'].map((op) =>
    fc.record({ op: fc.constant(op as 'wait' | 'joinedRoom' | 'leftRoom' | 'leave'), id }),
  ),
  ...['admit', 'admit', 'admit', 'admit', 'admit', 'admit'].map((op) =>
    fc.record({ op: fc.constant(op as 'admit'), id, by }),
  ),
  fc.record({ op: fc.constantFrom('deny' as const, 'remove' as const), id: turnedAway, by: byOrService }),
  fc.record({ op: fc.constant('admitAll' as const), by }),
  fc.record({ op: fc.constantFrom('lock' as const, 'unlock' as const, 'unlock' as const), by: byOrService }),
  fc.record({ op: fc.constant('restart' as const) }),
  fc.record({ op: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ op: fc.constant('mayEnter' as const), id, assurance }),
);
/** The end is for good, so it comes rarely. */
const anything = fc.oneof(
  { weight: 300, arbitrary: operation },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('end' as const), by: byOrService }) },
);
type Generated<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Operation = Generated<typeof anything>;

/** All are identified and wait, the hosts in the room, so that sequences get beyond the first steps. */
const prologue: Operation[] = [
  { op: 'pass', ms: 60 },
  ...IDS.map((one): Operation => ({
    op: 'identify',
    id: one,
    assurance: 'high',
    matches: true,
    person: one,
  })),
  ...IDS.map((one): Operation => ({ op: 'wait', id: one })),
  ...HOSTS.map((one): Operation => ({ op: 'joinedRoom', id: one })),
];

const scenario = fc.record({
  minimumAssurance: assurance,
  capacity: fc.integer({ min: 1, max: 6 }),
  opensAt: fc.constantFrom(undefined, START + 50),
  prologue: fc.constantFrom(true, true, false),
  operations: fc.array(anything, { minLength: 10, maxLength: 80, size: 'max' }),
});

class Model {
  readonly proven = new Set<string>();
  readonly admitted = new Set<string>();
  readonly inRoom = new Set<string>();
  readonly entered = new Set<string>();
  line: string[] = [];
  locked = false;
  ended = false;

  hostInRoom(): boolean {
    return HOSTS.some((host) => this.inRoom.has(host) && this.admitted.has(host));
  }

  findsOpen(who: string): boolean {
    return this.entered.has(who) || HOSTS.includes(who) || (!this.locked && this.hostInRoom());
  }

  goes(who: string): void {
    this.admitted.delete(who);
    this.entered.delete(who);
    this.line = this.line.filter((one) => one !== who);
  }
}

function level(value: Assurance): number {
  return ASSURANCES.indexOf(value);
}

/** Throws when the lobby did what it must not. Returns how many guests came in, to show that the sequences reach far. */
function run({ operations, prologue: begin, ...given }: Generated<typeof scenario>): number {
  const settings: LobbySettings = { meetingId: 'm', hosts: ['host'], ...given };
  const model = new Model();
  let lobby = new Lobby(settings);
  let now = START;
  let told = 0;
  let admissions = 0;
  lobby.subscribe(() => told++);
  for (const one of IDS) {
    const invitedIdentity = one === 'named' ? 'hash' : undefined;
    lobby.add({ id: one, displayName: one, role: one === 'second' ? 'host' : 'guest', invitedIdentity }, now);
  }

  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(what);
  };
  const comesIn = (who: string): void => {
    if (!HOSTS.includes(who)) admissions++;
    expect(model.proven.has(who), `${who} is in without proof`);
    expect(!model.ended && now >= (settings.opensAt ?? 0), `${who} is in while it is closed`);
    expect(HOSTS.includes(who) || model.hostInRoom(), `${who} is in before a host`);
    expect(HOSTS.includes(who) || !model.locked, `${who} is in though it is locked`);
    model.admitted.add(who);
    model.line = model.line.filter((one) => one !== who);
    expect(model.admitted.size <= settings.capacity, `${who} is one too many`);
  };
  const acts = (who: string | null): void => {
    expect(who === null || (HOSTS.includes(who) && model.admitted.has(who)), `${who} may not act`);
  };

  const apply = (step: Operation): void => {
    switch (step.op) {
      case 'identify': {
        const { person: pseudonym, assurance: proof, matches: matchesInvitation } = step;
        const identity = { provider: 'x', name: step.id, assurance: proof, matchesInvitation, pseudonym };
        lobby.identify(step.id, identity, now);
        expect(level(proof) >= level(settings.minimumAssurance), 'a level too low was accepted');
        expect(step.id !== 'named' || matchesInvitation, 'somebody else was accepted');
        model.proven.add(step.id);
        return;
      }
      case 'wait':
        lobby.wait(step.id, now);
        if (HOSTS.includes(step.id)) return comesIn(step.id);
        expect(!model.locked && model.proven.has(step.id), 'waits without right');
        model.line.push(step.id);
        return;
      case 'joinedRoom':
        lobby.joinedRoom(step.id, now);
        expect(model.admitted.has(step.id) && !model.ended, `${step.id} is in the room without admission`);
        expect(model.findsOpen(step.id), `${step.id} came through a closed door`);
        model.inRoom.add(step.id);
        model.entered.add(step.id);
        return;
      case 'leftRoom':
        lobby.leftRoom(step.id, now);
        model.inRoom.delete(step.id);
        return;
      case 'leave':
        lobby.leave(step.id, now);
        return model.goes(step.id);
      case 'admit':
        lobby.admit(step.id, step.by, now);
        acts(step.by);
        expect(model.hostInRoom(), 'admitted by nobody');
        return comesIn(step.id);
      case 'admitAll': {
        const expected = model.line.slice(0, Math.max(0, settings.capacity - model.admitted.size));
        const ids = lobby.admitAll(step.by, now);
        acts(step.by);
        expect(ids.join() === expected.join(), `admitted ${ids.join()}, not ${expected.join()}`);
        if (ids.length === 0) told++;
        return ids.forEach(comesIn);
      }
      case 'deny':
      case 'remove':
        lobby[step.op](step.id, 'reason', step.by, now);
        acts(step.by);
        return model.goes(step.id);
      case 'lock':
      case 'unlock':
        lobby[step.op](step.by, now);
        acts(step.by);
        model.locked = step.op === 'lock';
        return;
      case 'end':
        lobby.end('over', step.by, now);
        acts(step.by);
        model.ended = true;
        return;
      case 'restart':
        lobby = Lobby.restore(JSON.parse(JSON.stringify(lobby.snapshot())));
        lobby.subscribe(() => told++);
        model.inRoom.clear();
        told++;
        return;
      case 'pass':
        now += step.ms;
        told++;
        return;
      case 'mayEnter': {
        told++;
        if (lobby.mayEnter(step.id, step.assurance, now)) return;
        expect(model.admitted.has(step.id) && model.proven.has(step.id), 'enters without admission');
        expect(level(step.assurance) >= level(settings.minimumAssurance), 'enters with too low a level');
        expect(!model.ended && now >= (settings.opensAt ?? 0), 'enters while it is closed');
        expect(model.findsOpen(step.id), 'enters past the door');
        return;
      }
    }
  };

  for (const step of [...(begin ? prologue : []), ...operations]) {
    const before = JSON.stringify(lobby.snapshot());
    told = 0;
    try {
      apply(step);
      expect(told === 1, `"${step.op}" was told ${told} times`);
    } catch (error) {
      if (!(error instanceof LobbyError)) throw error;
      expect(JSON.stringify(lobby.snapshot()) === before, `"${step.op}" was refused and changed something`);
      expect(told === 0, `"${step.op}" was refused and told`);
    }
    const line = lobby.waiting().map((one) => one.id);
    expect(line.join() === model.line.join(), `the line is ${line.join()}, not ${model.line.join()}`);
    for (const one of IDS) {
      const { state, present } = lobby.participant(one)!;
      expect((state === 'admitted') === model.admitted.has(one), `${one} is ${state}`);
      expect(present === model.inRoom.has(one), `${one} is ${present ? '' : 'not '}in the room`);
    }
  }
  return admissions;
}

t.test('nobody comes in who must stay out', async (t) => {
  let admissions = 0;
  let runs = 0;
  fc.assert(
    fc.property(scenario, (plan) => {
      admissions += run(plan);
      runs++;
    }),
    { numRuns: 1_000 },
  );
  t.ok(admissions > runs / 2, `${admissions} admissions in ${runs} runs: the sequences get there`);
});
