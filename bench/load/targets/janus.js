// @ts-check
/**
 * Janus and its videoroom plugin; only Janus' own CPU counts.
 * - Plain RTP: an SRTP forwarder for each receiver. The publisher is a WebRTC client in this process, which takes the plain
 *   stream of the load tool.
 * - WebRTC: publishers and subscribers, each with a session of its own. No simulcast, and subscribers are asked for no
 *   bandwidth feedback: this Janus has no use for it.
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
import { handleInfo, JanusHandle } from './janus-api.js';
import { answer, offer, receivedStreams, remoteTransport } from './janus-sdp.js';

const BINARY = process.env.JANUS_BIN ?? 'janus';
const ROOM = 1;
/** Of an API that only this process reaches. */
const ADMIN_SECRET = 'load';
const START_TRIES = 100;
/** AES_CM_128_HMAC_SHA1_80. */
const SRTP_SUITE = 80;

export const methods = ['plainProducer', 'plainReceivers', 'webRtcTransport'];

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
  /** @type {Map<string, { handle: JanusHandle, feed: number, streams: import('./janus-sdp.js').ReceivedStream[] }>} */
  transports = new Map();
  nextId = 1;

  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'janus-'));
    const [port, adminPort] = [await freePort(), await freePort()];
    writeConfiguration(this.folder, port, adminPort);
    this.child = spawn(BINARY, ['-F', this.folder, '-d', '2'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { child } = this;
    process.once('exit', () => child.kill('SIGKILL'));
    this.base = `http://127.0.0.1:${port}/janus`;
    this.admin = `http://127.0.0.1:${adminPort}/admin`;
    this.handle = await firstAnswer(this.base);
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
    const endpoint = { ufrag, password, fingerprint: certificate.fingerprint };
    const sdp = offer([{ kind, mid: '0', ssrc }], endpoint);
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

  /**
   * Janus describes sessions once for all: what is sent and who it is are settled here.
   * @param {object} options
   * @param {import('./janus-sdp.js').Endpoint} options.endpoint
   * @param {{ kind: 'audio' | 'video', rtpParameters: any }[]} [options.sends] of a publisher
   * @param {string[]} [options.producerIds] of a subscriber
   */
  async webRtcTransport({ endpoint, sends = [], producerIds = [] }) {
    const handle = await JanusHandle.attach(/** @type {string} */ (this.base));
    const id = String(this.nextId++);
    if (sends.length > 0) {
      const { data } = await handle.negotiate({ request: 'join', ptype: 'publisher', room: ROOM });
      const streams = sends.map(({ kind, rtpParameters: { mid, encodings } }) => ({
        kind,
        mid,
        ssrc: encodings[0].ssrc,
      }));
      const described = { type: 'offer', sdp: offer(streams, endpoint) };
      const { jsep } = await handle.negotiate({ request: 'publish' }, described);
      this.transports.set(id, { handle, feed: data.id, streams: [] });
      return { id, ...remoteTransport(jsep.sdp) };
    }
    const streams = producerIds.map((producerId) => {
      const [publisher, mid] = producerId.split(':');
      return { feed: this.transports.get(publisher)?.feed, mid };
    });
    const subscribe = { request: 'join', ptype: 'subscriber', room: ROOM, streams };
    const { jsep } = await handle.negotiate(subscribe);
    await handle.negotiate({ request: 'start' }, { type: 'answer', sdp: answer(jsep.sdp, endpoint) });
    this.transports.set(id, { handle, feed: 0, streams: receivedStreams(jsep.sdp) });
    return { id, ...remoteTransport(jsep.sdp) };
  }

  /** Janus knows already. */
  connect() {}

  /** @param {{ id: string, rtpParameters: { mid: string } }} options */
  produce({ id, rtpParameters: { mid } }) {
    return `${id}:${mid}`;
  }

  /** @param {{ id: string }} options */
  consume({ id }) {
    const streams = this.transports.get(id)?.streams ?? [];
    return streams.map((stream) => ({ ...stream, headerExtensions: [] }));
  }

  /** @param {{ id: string }} options */
  async closeTransport({ id }) {
    await this.transports.get(id)?.handle.close();
    this.transports.delete(id);
  }

  /**
   * Janus does not count what its forwarders send: that is what it got, times the receivers. Of what goes to subscribers
   * its admin API tells.
   */
  async counters() {
    let { packets } = this;
    let times = 0;
    for (const { handle } of this.transports.values()) {
      packets += await packetsSent(/** @type {string} */ (this.admin), handle);
      times += performance.now();
    }
    const at = this.transports.size > 0 ? times / this.transports.size : performance.now();
    return { packets, at, drops: {}, relayed: this.relayed };
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
 * @param {string} admin
 * @param {JanusHandle} handle
 */
async function packetsSent(admin, { url }) {
  const [session, id] = url.split('/').slice(-2);
  const { webrtc } = await handleInfo(`${admin}/${session}/${id}`, ADMIN_SECRET);
  let packets = 0;
  for (const { stats } of Object.values(webrtc?.media ?? {})) packets += stats.out.packets;
  return packets;
}

/**
 * @param {string} folder
 * @param {number} port
 * @param {number} adminPort
 */
function writeConfiguration(folder, port, adminPort) {
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(join(folder, name), text);
  write(
    'janus.jcfg',
    `general: { debug_level = 2  session_timeout = 0  admin_secret = "${ADMIN_SECRET}" }
media: { rtp_port_range = "20000-40000" }
nat: { ice_lite = true  ice_ignore_list = "vmnet" }
transports: { disable = "libjanus_websockets.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_mqtt.so,libjanus_nanomsg.so" }
events: { broadcast = false }
`,
  );
  write(
    'janus.transport.http.jcfg',
    `general: { http = true  port = ${port}  https = false  ip = "127.0.0.1" }
admin: { admin_http = true  admin_port = ${adminPort}  admin_ip = "127.0.0.1" }
`,
  );
  write(
    'janus.plugin.videoroom.jcfg',
    `room-${ROOM}: { description = "load"  publishers = 100  videocodec = "vp8"  audiocodec = "opus"  bitrate = 0 }\n`,
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
