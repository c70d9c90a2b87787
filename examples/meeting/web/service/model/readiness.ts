import { computed, signal } from '@preact/signals';
import { supportsEncryption } from 'sluss/client/e2ee';
import { getSession } from '../api/session-api.js';
import { texts } from '../texts/texts.js';
import type { Message } from './form.js';

export interface Check {
  id: 'browser' | 'encryption' | 'server' | 'socket' | 'media';
  outcome: 'good' | 'warning' | 'problem';
  text: Message;
}

const SOCKET_LIMIT_MS = 8_000;
const MEDIA_LIMIT_MS = 5_000;
const PINGS = 3;

/** What a meeting needs of the browser and the network, tried one after the other. */
export class Readiness {
  readonly checks = signal<readonly Check[]>([]);
  readonly running = signal(false);
  readonly good = computed(() => this.checks.value.every(({ outcome }) => outcome === 'good'));

  async run(): Promise<void> {
    if (this.running.peek()) return;
    this.running.value = true;
    this.checks.value = [checkBrowser(), checkEncryption()];
    for (const check of [checkServer, checkSocket, checkMedia]) {
      const done = await check();
      this.checks.value = [...this.checks.value, done];
    }
    this.running.value = false;
  }
}

/** Encoded transforms: the frames can be encrypted before they leave the browser. */
export function canEncryptEndToEnd(): boolean {
  return isSecureContext && canMeet() && supportsEncryption();
}

function canMeet(): boolean {
  return 'RTCPeerConnection' in window && 'RTCRtpSender' in window && 'WebSocket' in window;
}

function checkBrowser(): Check {
  return canMeet()
    ? { id: 'browser', outcome: 'good', text: () => texts.value.devices.checks.browserGood }
    : { id: 'browser', outcome: 'problem', text: () => texts.value.devices.checks.browserProblem };
}

function checkEncryption(): Check {
  return canEncryptEndToEnd()
    ? { id: 'encryption', outcome: 'good', text: () => texts.value.devices.checks.encryptionGood }
    : { id: 'encryption', outcome: 'warning', text: () => texts.value.devices.checks.encryptionWarning };
}

/** The best of a few: the first one pays for the connection. */
async function checkServer(): Promise<Check> {
  try {
    let best = Infinity;
    for (let ping = 0; ping < PINGS; ping++) {
      const from = performance.now();
      await getSession();
      best = Math.min(best, performance.now() - from);
    }
    const ms = Math.max(1, Math.round(best));
    return { id: 'server', outcome: 'good', text: () => texts.value.devices.checks.serverGood(ms) };
  } catch {
    return { id: 'server', outcome: 'problem', text: () => texts.value.devices.checks.serverProblem };
  }
}

/** Proxies that pass pages but no WebSockets are a common reason for "it does not work". */
async function checkSocket(): Promise<Check> {
  const open = canMeet() && (await opens(new WebSocket(signallingUrl(), 'sluss.json.1')));
  return open
    ? { id: 'socket', outcome: 'good', text: () => texts.value.devices.checks.socketGood }
    : { id: 'socket', outcome: 'problem', text: () => texts.value.devices.checks.socketProblem };
}

export function signallingUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/signalling`;
}

function opens(socket: WebSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (opened: boolean): void => {
      clearTimeout(timer);
      socket.close();
      resolve(opened);
    };
    const timer = setTimeout(() => end(false), SOCKET_LIMIT_MS);
    socket.addEventListener('open', () => end(true));
    socket.addEventListener('error', () => end(false));
  });
}

/**
 * Two ends on this very machine: shows that the browser may open UDP ports at all and that data flows through them, and
 * the page says that it is no more than that. The way to the server itself opens first with a ticket.
 */
async function checkMedia(): Promise<Check> {
  return canMeet() && (await loopbackWorks())
    ? { id: 'media', outcome: 'good', text: () => texts.value.devices.checks.mediaGood }
    : { id: 'media', outcome: 'warning', text: () => texts.value.devices.checks.mediaWarning };
}

async function loopbackWorks(): Promise<boolean> {
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    one.onicecandidate = ({ candidate }) =>
      void other.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    other.onicecandidate = ({ candidate }) =>
      void one.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    const channel = one.createDataChannel('test');
    const opened = new Promise<boolean>((resolve) => {
      channel.addEventListener('open', () => resolve(true));
      setTimeout(() => resolve(false), MEDIA_LIMIT_MS);
    });
    await one.setLocalDescription();
    await other.setRemoteDescription(one.localDescription!);
    await other.setLocalDescription();
    await one.setRemoteDescription(other.localDescription!);
    return await opened;
  } catch {
    return false;
  } finally {
    one.close();
    other.close();
  }
}
