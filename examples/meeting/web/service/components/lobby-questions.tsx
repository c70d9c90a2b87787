import type { LobbyPerson } from '../../../shared/api.js';
import { filled } from '../model/checks.js';
import { type LobbyControl, nameOf } from '../model/lobby-control.js';
import { texts } from '../texts/texts.js';
import { Confirm } from './confirm.js';
import { Dialog } from './dialog.js';
import { MessageForm } from './message-form.js';

/** What a host is asked before it is done. */
export type LobbyQuestion =
  { about: 'admit-all' | 'end' } | { about: 'deny' | 'remove'; person: LobbyPerson };

interface Props {
  control: LobbyControl;
  asked: LobbyQuestion | null;
  onClose: () => void;
}

export function LobbyQuestions({ control, asked, onClose }: Props) {
  const { lobby } = texts.value;
  if (asked === null) return null;
  switch (asked.about) {
    case 'admit-all':
      return (
        <Confirm
          heading={lobby.admitAllQuestion(control.waiting.value.length)}
          action={lobby.admitAll}
          danger={false}
          onConfirm={() => control.admitAll()}
          onClose={onClose}
        />
      );
    case 'end':
      return (
        <Confirm
          heading={lobby.endQuestion}
          action={lobby.end}
          onConfirm={() => control.end()}
          onClose={onClose}
        >
          <p>{lobby.endLead}</p>
        </Confirm>
      );
    case 'deny':
      return (
        <ReasonDialog
          heading={lobby.denyHeading(nameOf(asked.person))}
          action={lobby.deny}
          onReason={(reason) => control.deny(asked.person, reason)}
          onClose={onClose}
        />
      );
    case 'remove':
      return (
        <ReasonDialog
          heading={lobby.removeHeading(nameOf(asked.person))}
          action={lobby.remove}
          onReason={(reason) => control.remove(asked.person, reason)}
          onClose={onClose}
        />
      );
  }
}

interface ReasonProps {
  heading: string;
  action: string;
  onReason: (reason: string) => Promise<boolean>;
  onClose: () => void;
}

/** Closes also when the server refused: its words stand in the panel. */
function ReasonDialog({ heading, action, onReason, onClose }: ReasonProps) {
  const { lobby, common } = texts.value;
  return (
    <Dialog heading={heading} onClose={onClose}>
      <MessageForm
        id="lobby-reason"
        label={lobby.denyReason}
        action={action}
        check={filled(() => texts.value.lobby.denyReasonMissing)}
        onSend={async (reason) => {
          await onReason(reason);
          onClose();
          return true;
        }}
        onCancel={{ label: common.cancel, act: onClose }}
      />
    </Dialog>
  );
}
