import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import type { ParticipantView } from '../../shared/api.js';
import { MeetingScreen } from '../meeting/components/meeting-screen.js';
import { Meeting } from '../meeting/model/meeting.js';
import type { Preparation } from '../meeting/model/preparation.js';
import { ApiFailure } from './api/failure.js';
import { failureText } from './model/failure-text.js';
import type { LobbyControl } from './model/lobby-control.js';
import { signallingUrl } from './model/readiness.js';
import type { ServiceApp } from './model/service-app.js';
import { texts } from './texts/texts.js';
import { Alert } from './components/alert.js';
import { Loading, NoticeList } from './components/bits.js';
import { usePageTitle } from './components/shell.js';

/** How one came out of the room. `code` is the client's. */
export type RoomEnd =
  { kind: 'left' | 'removed' | 'ended' | 'replaced' } | { kind: 'interrupted'; code: string };

export interface MeetingRoomProps {
  app: ServiceApp;
  /** Who one is here; changes while the meeting goes on. */
  participant: ParticipantView;
  /** A fresh ticket for each connection to the room; its name is the meeting's id. */
  ticket: () => Promise<string>;
  /** Asked after each ticket, and hours later again. */
  iceServers: () => Promise<RTCIceServer[]>;
  /** Where it was made ready. */
  preparation: Preparation;
  /** The host's tools; null for everybody else. */
  lobby: LobbyControl | null;
  /** Called once; the room is closed by then. */
  onLeft: (end: RoomEnd) => void;
}

/** The seam between the service's pages and the meeting itself: enters the room when it appears, leaves when it goes. */
export function MeetingRoom(props: MeetingRoomProps) {
  const { app, participant, ticket, iceServers, preparation, lobby, onLeft } = props;
  const { room } = texts.value.visit;
  usePageTitle(app, `${participant.title} – ${room.title}`);
  const meeting = useSignal<Meeting | null>(null);
  const failure = useSignal<string | null>(null);
  const attempt = useSignal(0);

  // Before the page is painted: who goes in waits for pictures.
  useLayoutEffect(() => {
    const entering = new Meeting({
      url: signallingUrl(),
      room: participant.meetingId,
      displayName: participant.displayName,
      role: participant.role,
      encryption: participant.endToEndEncryption,
      prepared: preparation.take(participant.endToEndEncryption),
      ticket,
      iceServers,
      options: app.options,
      media: app.media,
      notices: app.notices,
    });
    publishForTests(entering);
    let gone = false;
    entering.client.on('state', (state, reason) => {
      if (state === 'closed' && !gone && meeting.peek() !== null) onLeft(endOf(reason ?? ''));
    });
    entering.join().then(
      () => {
        if (!gone) meeting.value = entering;
      },
      (error: unknown) => {
        if (!gone) failure.value = codeOf(error);
      },
    );
    return () => {
      gone = true;
      app.notices.clear();
      void entering.leave().catch(() => undefined);
    };
  }, [participant.meetingId, attempt.value]);
  // Keyboards and screen readers start at its top.
  useEffect(() => {
    document.querySelector('h1')?.focus();
  }, [meeting.value === null]);

  const again = (): void => {
    failure.value = null;
    attempt.value++;
  };
  if (meeting.value === null) {
    return (
      <main class="page page-narrow">
        <h1 tabIndex={-1}>{failure.value === null ? room.entering : room.enterFailed}</h1>
        {failure.value === null ? (
          <Loading />
        ) : (
          <>
            <Alert tone="problem" role="alert">
              <p>{whyNot(failure.value)}</p>
            </Alert>
            <div class="actions">
              <button type="button" class="button button-primary" onClick={again}>
                {texts.value.common.retry}
              </button>
              <button type="button" class="button" onClick={() => onLeft({ kind: 'left' })}>
                {texts.value.common.back}
              </button>
            </div>
          </>
        )}
      </main>
    );
  }
  return (
    <>
      <MeetingScreen
        host={{
          title: participant.title,
          name: participant.displayName,
          role: participant.role,
          media: app.media,
          notices: app.notices,
          lobby,
          supportPhone: participant.support.phone,
          isTestService: app.session.view.value?.isTestService === true,
          leave: () => onLeft({ kind: 'left' }),
        }}
        meeting={meeting.value}
      />
      <NoticeList notices={app.notices} />
    </>
  );
}

function whyNot(code: string): string {
  return code.startsWith('encryption-')
    ? texts.value.meeting.encryption.missing
    : failureText(new ApiFailure(code, 0));
}

function endOf(reason: string): RoomEnd {
  if (reason === 'left' || reason === 'removed' || reason === 'ended' || reason === 'replaced')
    return { kind: reason };
  return { kind: 'interrupted', code: reason };
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'internal';
}

/** `window.sluss.client`: where tests and curious people reach the statistics. */
function publishForTests({ client }: Meeting): void {
  (window as { sluss?: unknown }).sluss = { client };
}
