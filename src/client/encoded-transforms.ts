/** With `requireEncryption` nothing goes through the browser without an encoded transform. */
import { SignallingError } from './signalling-error.js';

export function encryptionRequired(what: string): SignallingError {
  return new SignallingError(
    'encryption-required',
    `${what}: no encoded transform is attached, and this client sends and shows nothing without; use EncryptedRoom`,
  );
}

/** One track on its way to being sent: hands its sender to the page, and knows whether it may be sent. */
export class SenderGate {
  /** Not null: why it must not be sent. */
  refusal: Error | null;

  constructor(
    private readonly what: string,
    private readonly required: boolean,
    private readonly onSender: ((sender: RTCRtpSender) => void) | undefined,
  ) {
    this.refusal = required ? encryptionRequired(what) : null;
  }

  /** Before the browser negotiates. Must not throw: the sender would stay, and go out with the next negotiation. */
  readonly prepare = (sender: RTCRtpSender): void => {
    try {
      this.onSender?.(sender);
      this.refusal = this.required && !sender.transform ? encryptionRequired(this.what) : null;
    } catch (error) {
      this.refusal = error instanceof Error ? error : new Error(String(error));
    }
    // It is negotiated all the same before it is taken back, so there must be nothing that it could send.
    if (this.refusal) sender.replaceTrack(null).catch(() => {});
  };
}
