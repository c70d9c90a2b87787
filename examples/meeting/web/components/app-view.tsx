import { useEffect, useRef } from 'preact/hooks';
import type { App, Screen } from '../model/app.js';
import { texts } from '../texts.js';
import { JoinScreen } from './join-screen.js';
import { LeftScreen } from './left-screen.js';
import { type MeetingHost, MeetingScreen } from './meeting-screen.js';
import { NoticeList } from './notice-list.js';
import { StartScreen } from './start-screen.js';

export function AppView({ app }: { app: App }) {
  useFocusOnChange(app.screen.value);
  return (
    <>
      <ScreenView app={app} />
      <NoticeList notices={app.notices} />
    </>
  );
}

function ScreenView({ app }: { app: App }) {
  switch (app.screen.value) {
    case 'start':
      return <StartScreen app={app} />;
    case 'join':
      return <JoinScreen app={app} />;
    case 'meeting':
      return app.meeting.value === null ? null : (
        <MeetingScreen host={hostOf(app)} meeting={app.meeting.value} />
      );
    case 'left':
      return <LeftScreen app={app} />;
  }
}

function hostOf(app: App): MeetingHost {
  return {
    title: texts.meeting.heading(app.room.value),
    name: app.name.value,
    media: app.media,
    notices: app.notices,
    linkIsInvitation: true,
    leave: () => void app.leave(),
  };
}

/** A new screen gets the focus at its heading, so that keyboards and screen readers start at its top. */
function useFocusOnChange(screen: Screen): void {
  const previous = useRef(screen);
  useEffect(() => {
    if (previous.current === screen) return;
    previous.current = screen;
    document.querySelector('h1')?.focus();
  }, [screen]);
}
