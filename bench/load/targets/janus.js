// @ts-check
/**
 * Janus: a publisher of the videoroom plugin, and an SRTP forwarder for each receiver. Its publisher is a WebRTC
 * client in this process, which takes the plain stream of the load tool; only Janus' own CPU counts.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRtcp } from '../traffic/rtcp.js';
import { makeCertificate } from '../traffic/webrtc/certificate.js';
import { WebRtcClient } from '../traffic/webrtc/client.js';
import { wait } from '../traffic/wait.js';
import { JanusHandle } from './janus-api.js';
import { offer, remoteTransport } from './janus-sdp.js';

const BINARY = process.env.JANUS_BIN ?? 'janus';
const ROOM = 1;
const START_TRIES = 100;
/** AES_CM_128_HMAC_SHA1_80. */
const SRTP_SUITE = 80;

export const methods = ['plainProducer', 'plainReceivers'];

export function availability() {
  try {
    const text = execFileSync(BINARY, ['--help'], { encoding: 'utf8', stdio: 'pipe' });
    return { available: true, version: `Janus ${/\d+\.\d+\.\d+/.exec(text)?.[0] ?? ''}`.trim() };
  } catch {
    return { available: false, reason: `no '${BINARY}'`, install: 'apt-get install janus, or set JANUS_BIN' };
  }
}

export function createTarget() {
  return new JanusTarget();
}

class JanusTarget {
  packets = 0;
  /** Datagrams that this process sent to Janus. */
  relayed = 0;

  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'janus-'));
    const port = await freePort();
    writeConfiguration(this.folder, port);
    this.child = spawn(BINARY, ['-F', this.folder, '-d', '2'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { child } = this;
    process.once('exit', () => child.kill('SIGKILL'));
    this.handle = await firstAnswer(`http://127.0.0.1:${port}/janus`);
    this.alive = setInterval(() => void this.handle?.keepAlive().catch(() => {}), 20_000);
    return { pids: [this.child.pid], version: availability().version };
  }

  createRoom() {
    return ROOM;
  }

  /** @param {{ kind: 'audio' | 'video', rtpParameters: any }} options */
  async plainProducer({ kind, rtpParameters }) {
    const handle = /** @type {JanusHandle} */ (this.handle);
    const certificate = await makeCertificate();
    const client = new WebRtcClient({ certificate });
    const { ssrc } = rtpParameters.encodings[0];
    const joined = await handle.negotiate({ request: 'join', ptype: 'publisher', room: ROOM });
    this.publisherId = joined.data.id;
    const { ufrag, password } = client;
    const sdp = offer(kind, { ssrc, ufrag, password, fingerprint: certificate.fingerprint });
    const { jsep } = await handle.negotiate({ request: 'publish' }, { type: 'offer', sdp });
    await client.connect(remoteTransport(jsep.sdp));
    this.client = client;

    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(undefined)));
    this.receivers = 0;
    socket.on('message', (bytes) => {
      this.relayed++;
      if (isRtcp(bytes)) return client.sendRtcp(bytes);
      this.packets += this.receivers ?? 0;
      client.sendRtp(bytes);
    });
    this.socket = socket;
    return { producerId: 'all', port: socket.address().port };
  }

  /** @param {{ receivers: { port: number, keyBase64: string }[] }} options */
  async plainReceivers({ receivers }) {
    for (const { port, keyBase64 } of receivers) {
      await this.handle?.request({
        request: 'rtp_forward',
        room: ROOM,
        publisher_id: this.publisherId,
        host: '127.0.0.1',
        streams: [{ mid: '0', port }],
        srtp_suite: SRTP_SUITE,
        srtp_crypto: keyBase64,
      });
    }
    this.receivers = receivers.length;
    return { keys: receivers.map(({ keyBase64 }) => keyBase64) };
  }

  /** Janus does not count what it forwards: this is what it got, times the receivers. */
  counters() {
    return { packets: this.packets, at: performance.now(), drops: {}, relayed: this.relayed };
  }

  async close() {
    clearInterval(this.alive);
    this.client?.close();
    this.socket?.close();
    if (this.child && this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {number} port
 */
function writeConfiguration(folder, port) {
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(join(folder, name), text);
  write(
    'janus.jcfg',
    `general: { debug_level = 2 }
media: { rtp_port_range = "20000-40000" }
nat: { ice_ignore_list = "vmnet" }
transports: { disable = "libjanus_websockets.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_mqtt.so,libjanus_nanomsg.so" }
events: { broadcast = false }
`,
  );
  write(
    'janus.transport.http.jcfg',
    `general: { http = true  port = ${port}  https = false  ip = "127.0.0.1" }\n`,
  );
  write(
    'janus.plugin.videoroom.jcfg',
    `room-${ROOM}: { description = "load"  publishers = 10  videocodec = "vp8"  audiocodec = "opus"  bitrate = 0 }\n`,
  );
}

/** @param {string} base */
async function firstAnswer(base) {
  for (let n = 1; ; n++) {
    try {
      return await JanusHandle.attach(base);
    } catch (error) {
      if (n === START_TRIES) throw error;
      await wait(100);
    }
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
