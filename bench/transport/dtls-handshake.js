/**
 * What a DTLS handshake costs the server: `node bench/transport/dtls-handshake.js [--seconds 1] [--only P-256]`.
 * Clients and sessions are in this process, and what one side sends waits until all of a batch have had their turn: so the
 * CPU of the server's turns, with compiler and garbage collector, can be told from the clients'.
 * "Cold" is the first 200 handshakes of the process, as in a join storm right after a start.
 */
import { makeCertificate } from '../load/traffic/webrtc/certificate.js';
import { DtlsClient } from '../load/traffic/webrtc/dtls-client.js';
import { DtlsCertificate } from '../../dist/transport/dtls/dtls-certificate.js';
import { DtlsServerSession } from '../../dist/transport/dtls/dtls-server-session.js';
import { availability } from '../load/targets/sluss.js';
import { microOptions, publishTable } from '../support/micro-bench.js';

const BATCH = 50;
/** A client's two flights and the hello before them. */
const TURNS = 3;

const micro = microOptions();
const { options } = micro;
const certificate = await DtlsCertificate.generate();
const clientCertificate = await makeCertificate();
const remoteFingerprints = [{ algorithm: 'sha-256', value: clientCertificate.fingerprint }];

/** One client and one session, with what is on its way between them. */
class Link {
  connected = false;
  toServer = [];
  toClient = [];

  /** @param {number[]} groups that the client offers */
  constructor(groups) {
    this.client = new DtlsClient({
      certificate: clientCertificate,
      groups,
      send: (datagram) => this.toServer.push(datagram),
      onConnected: () => (this.connected = true),
      onFailed: goneWrong,
    });
  }

  listen() {
    this.session = new DtlsServerSession({
      certificate,
      remoteFingerprints,
      srtpProfiles: ['AES_CM_128_HMAC_SHA1_80'],
      send: (datagram) => this.toClient.push(datagram),
      onConnected: () => {},
      onFailed: goneWrong,
      onClosed: () => {},
      onDrop: goneWrong,
    });
  }

  serverTurn() {
    for (const datagram of this.toServer.splice(0)) this.session.receive(datagram);
  }

  clientTurn() {
    for (const datagram of this.toClient.splice(0)) this.client.receive(Buffer.from(datagram));
  }

  end() {
    this.client.close();
    this.session.close();
    if (!this.connected) goneWrong('it did not come to an end');
  }
}

const warm = () => {
  const end = performance.now() + options.seconds * 2000;
  return () => performance.now() < end;
};
const cold = () => {
  let batches = 200 / BATCH;
  return () => --batches > 0;
};
const CASES = {
  'X25519, cold': { groups: [29], more: cold },
  X25519: { groups: [29], more: warm },
  'P-256': { groups: [23], more: warm },
};

const runs = [];
for (const [name, { groups, more }] of Object.entries(CASES)) {
  if (!name.includes(options.only)) continue;
  const { count, server, client } = handshakes(groups, more());
  const run = {
    target: name,
    version: availability().version,
    server: server / count,
    client: client / count,
    perSecond: (count * 1e6) / server,
  };
  runs.push(run);
  if (!options.json) {
    const shown = (value) => String(Math.round(value)).padStart(5);
    console.log(
      `${name.padEnd(14)} server ${shown(run.server)} us, client ${shown(run.client)} us, ${shown(run.perSecond)} handshakes per CPU second of the server`,
    );
  }
}
publishTable(micro, {
  title: 'DTLS handshakes',
  columns: [
    { key: 'target', title: 'curve' },
    { key: 'server', title: 'server us' },
    { key: 'client', title: 'client us' },
    { key: 'perSecond', title: 'handshakes/CPU s' },
  ],
  legend: 'Processor time of one handshake, without sockets. Cold: the first 200 of a process.',
  runs,
});

/** Batches of handshakes, at least one; CPU of each side in microseconds. */
function handshakes(groups, more) {
  const sum = { count: 0, server: 0, client: 0 };
  do {
    const links = Array.from({ length: BATCH }, () => new Link(groups));
    sum.client += cpuOf(() => links.forEach((link) => link.client.start()));
    sum.server += cpuOf(() => links.forEach((link) => link.listen()));
    for (let turn = 0; turn < TURNS; turn++) {
      sum.server += cpuOf(() => links.forEach((link) => link.serverTurn()));
      sum.client += cpuOf(() => links.forEach((link) => link.clientTurn()));
    }
    links.forEach((link) => link.end());
    sum.count += BATCH;
  } while (more());
  return sum;
}

function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function goneWrong(reason) {
  throw new Error(`the handshake went wrong: ${reason}`);
}
