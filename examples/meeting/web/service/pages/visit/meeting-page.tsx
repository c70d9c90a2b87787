import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ParticipantView } from '../../../../shared/api.js';
import { Preparation } from '../../../meeting/model/preparation.js';
import { LobbyControl } from '../../model/lobby-control.js';
import { Participation } from '../../model/participation.js';
import { failureText } from '../../model/failure-text.js';
import type { ServiceApp } from '../../model/service-app.js';
import { chime } from '../../model/sounds.js';
import { texts } from '../../texts/texts.js';
import { Failed, Loading } from '../../components/bits.js';
import { Page, Shell, useMeetingSupport } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import { MeetingRoom, type RoomEnd } from '../../meeting-room.js';
import { SignInPage } from '../sign-in.js';
import { BeforePage } from './before.js';
import { DeniedPage, LeftPage } from './after.js';
import { WaitingPage } from './waiting.js';

/** One meeting for one person, from getting ready to having left: which page shows follows the server's state. */
export function MeetingPage({ app, id }: { app: ServiceApp; id: string }) {
  const { participation, lobby, preparation } = useConst(() => {
    const participation = new Participation(id, (me, before) => tell(app, me, before));
    const lobby = new LobbyControl(participation.lobby, app.announcer, app.attention);
    return { participation, lobby, preparation: new Preparation() };
  });
  useEffect(() => {
    void participation.open();
    return () => {
      participation.close();
      lobby.close();
      preparation.close();
      app.media.stop();
      app.attention.clearSeen();
    };
  }, [participation]);
  const person = app.session.person.value;
  // Signed in at this very page: now the server may know who asks.
  useEffect(() => {
    if (person !== null && participation.me.state.peek().status === 'failed') void participation.open();
  }, [person]);

  /** The person has gone in from this page; one who comes back by a reload is asked first. */
  const entered = useSignal(false);
  const end = useSignal<RoomEnd | null>(null);
  const me = participation.me.value;
  useMeetingSupport(app, me?.support);
  const inside = entered.value && me?.state === 'admitted' && participation.ended.value === null;
  useEffect(() => {
    // In the waiting room and the meeting a still person is no absent person.
    app.expiry.watching.value = me?.state !== 'waiting' && !inside;
    return () => {
      app.expiry.watching.value = true;
    };
  }, [me?.state, inside]);
  useEffect(() => {
    if (me?.state === 'waiting') entered.value = true;
  }, [me?.state]);
  useEffect(() => {
    // Also for who did not get ready on this page: after a reload in the waiting room, or back after having left.
    const { camera, microphone } = app.media;
    const isOff = camera.state.peek() === 'off' && microphone.state.peek() === 'off';
    if (entered.value && isOff) void app.media.start();
  }, [entered.value]);

  const comes = me !== null && !inside && !isOver(me, participation) && me.state !== 'denied';
  useEffect(() => {
    if (comes) preparation.begin(me.endToEndEncryption);
  }, [comes, me?.endToEndEncryption]);

  if (me !== null && inside) {
    return (
      <MeetingRoom
        app={app}
        participant={me}
        ticket={() => participation.ticket()}
        iceServers={() => participation.iceServers()}
        preparation={preparation}
        lobby={participation.isHost ? lobby : null}
        onLeft={(reason) => {
          entered.value = false;
          end.value = reason;
          app.media.stop();
          if (reason.kind === 'left') void participation.leave().catch(() => participation.me.load());
          else void participation.me.load();
        }}
      />
    );
  }
  return (
    <Shell app={app}>
      <Outside
        app={app}
        participation={participation}
        lobby={lobby}
        end={end.value}
        onEnter={() => {
          end.value = null;
          entered.value = true;
        }}
      />
    </Shell>
  );
}

interface OutsideProps {
  app: ServiceApp;
  participation: Participation;
  lobby: LobbyControl;
  end: RoomEnd | null;
  onEnter: () => void;
}

function Outside({ app, participation, lobby, end, onEnter }: OutsideProps) {
  const { visit } = texts.value;
  const state = participation.me.state.value;
  if (state.status === 'loading') {
    return (
      <Page app={app} title={visit.before.meeting} heading={visit.before.meeting} narrow transient>
        <Loading />
      </Page>
    );
  }
  if (state.status === 'failed') {
    const { code } = state.failure;
    // An organiser who logged in with a code proves more here, when the meeting demands it.
    if (code === 'not-signed-in' || code === 'assurance-too-low') {
      return (
        <SignInPage app={app}>
          <p class="strong">
            {code === 'not-signed-in' ? visit.before.wrongAccount : failureText(state.failure)}
          </p>
        </SignInPage>
      );
    }
    const notYours = state.failure.code === 'not-found' || state.failure.code === 'forbidden';
    return (
      <Page app={app} title={visit.before.meeting} heading={visit.before.notYoursHeading} narrow>
        {notYours ? (
          <p>{visit.before.notYours}</p>
        ) : (
          <Failed failure={state.failure} onRetry={() => void participation.open()} />
        )}
      </Page>
    );
  }
  const me = state.value;
  if (isOver(me, participation))
    return (
      <LeftPage
        app={app}
        participation={participation}
        me={me}
        over={overAs(me)}
        end={null}
        onAgain={onEnter}
      />
    );
  // What the room itself told is shown until the person decides.
  if (end !== null && me.state !== 'denied' && me.state !== 'waiting') {
    return (
      <LeftPage app={app} participation={participation} me={me} over={null} end={end} onAgain={onEnter} />
    );
  }
  switch (me.state) {
    case 'invited':
    case 'identified':
    case 'admitted':
      return <BeforePage app={app} participation={participation} me={me} lobby={lobby} onEnter={onEnter} />;
    case 'waiting':
      return <WaitingPage app={app} participation={participation} me={me} />;
    case 'denied':
      return <DeniedPage app={app} me={me} removed={end?.kind === 'removed'} />;
    case 'left':
      return (
        <LeftPage app={app} participation={participation} me={me} over={null} end={null} onAgain={onEnter} />
      );
  }
}

function isOver({ meetingStatus }: ParticipantView, { ended }: Participation): boolean {
  return meetingStatus === 'ended' || meetingStatus === 'cancelled' || ended.value !== null;
}

function overAs(me: ParticipantView): 'cancelled' | 'ended' {
  return me.meetingStatus === 'cancelled' ? 'cancelled' : 'ended';
}

/** Says what changed while one waited, also to those who look at another tab. */
function tell(app: ServiceApp, me: ParticipantView, before: ParticipantView | null): void {
  const { waiting, denied } = texts.peek().visit;
  if (before?.state !== 'waiting') return;
  const call = () => texts.value.visit.waiting.attention;
  if (me.state === 'admitted') {
    app.announcer.interrupt(waiting.admitted);
    void chime();
    app.attention.raise(call, { sound: false });
  } else if (me.state === 'denied') {
    app.announcer.interrupt(denied.heading);
    app.attention.raise(call, { sound: true });
  } else if (me.state === 'waiting') {
    if (me.notice !== null && me.notice !== before.notice) {
      app.announcer.say(waiting.newNotice(me.notice));
      app.attention.raise(call, { sound: true });
    } else if (me.hostPresent && !before.hostPresent) {
      app.announcer.say(waiting.hostArrived);
      app.attention.raise(call, { sound: true });
    } else if (me.queuePlace !== null && me.queuePlace !== before.queuePlace) {
      app.announcer.say(waiting.newPlace(me.queuePlace));
    }
  }
}
