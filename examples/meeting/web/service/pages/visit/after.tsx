import type { ParticipantView } from '../../../../shared/api.js';
import { ApiFailure } from '../../api/failure.js';
import { failureText } from '../../model/failure-text.js';
import { Form } from '../../model/form.js';
import type { Participation } from '../../model/participation.js';
import type { ServiceApp } from '../../model/service-app.js';
import { texts } from '../../texts/texts.js';
import { Alert } from '../../components/alert.js';
import { FormFrame, SubmitButton } from '../../components/form-frame.js';
import { Page } from '../../components/shell.js';
import { useConst } from '../../components/use-const.js';
import type { RoomEnd } from '../../meeting-room.js';

/** The service's own reason: the invitation was taken back. */
const REVOKED = 'revoked';

export function DeniedPage({ app, me, removed }: { app: ServiceApp; me: ParticipantView; removed: boolean }) {
  const { denied } = texts.value.visit;
  const revoked = me.reason === REVOKED;
  const heading = revoked ? denied.revokedHeading : removed ? denied.removedHeading : denied.heading;
  return (
    <Page app={app} title={denied.title} heading={heading} narrow>
      {!revoked && (
        <Alert tone="warning">
          <p>{me.reason === null || me.reason === '' ? denied.noReason : denied.reason(me.reason)}</p>
        </Alert>
      )}
      <p>{denied.what}</p>
      <SignOut app={app} />
    </Page>
  );
}

interface LeftProps {
  app: ServiceApp;
  participation: Participation;
  me: ParticipantView;
  /** The meeting is over for everybody. */
  over: 'ended' | 'cancelled' | null;
  /** What the room told when it closed. */
  end: RoomEnd | null;
  onAgain: () => void;
}

/** Out again: by one's own will, by the end of the meeting, or by a broken connection. */
export function LeftPage({ app, participation, me, over, end, onAgain }: LeftProps) {
  const { left } = texts.value.visit;
  const { heading, lead } = words(over, end);
  const host = me.role === 'host';
  const form = useConst(() => new Form(() => []));
  const again = (): void =>
    void form.submit(async () => {
      if (me.state !== 'admitted') await participation.wait();
      onAgain();
    });
  return (
    <Page app={app} title={left.title} heading={heading} narrow>
      <p>{lead}</p>
      {over === null && (
        <FormFrame form={form} onSubmit={again}>
          <div class="actions">
            <SubmitButton form={form}>
              {host || me.state === 'admitted' ? left.againHost : left.again}
            </SubmitButton>
            {host && (
              <a class="button" href="/portal">
                {left.toPortal}
              </a>
            )}
          </div>
        </FormFrame>
      )}
      {over !== null && host && (
        <div class="actions">
          <a class="button" href="/portal">
            {left.toPortal}
          </a>
        </div>
      )}
      {!host && <SignOut app={app} />}
    </Page>
  );
}

function words(over: LeftProps['over'], end: RoomEnd | null): { heading: string; lead: string } {
  const { left } = texts.value.visit;
  if (over === 'cancelled') return { heading: left.cancelledHeading, lead: left.cancelled };
  if (over === 'ended' || end?.kind === 'ended') return { heading: left.endedHeading, lead: left.ended };
  if (end?.kind === 'replaced') return { heading: left.replacedHeading, lead: left.replaced };
  if (end?.kind === 'interrupted') {
    const reason = failureText(new ApiFailure(end.code, 0)).replace(/\.$/, '');
    return { heading: left.interruptedHeading, lead: left.interrupted(reason) };
  }
  return { heading: left.heading, lead: left.lead };
}

/** Shared computers are common: who is done, leaves no door open. */
function SignOut({ app }: { app: ServiceApp }) {
  const { left } = texts.value.visit;
  if (app.session.person.value === null) return null;
  return (
    <section class="stack stack-small" aria-label={left.signOut}>
      <p>{left.privacy}</p>
      <div class="actions">
        <button type="button" class="button" onClick={() => void app.signOut()}>
          {left.signOut}
        </button>
      </div>
    </section>
  );
}
