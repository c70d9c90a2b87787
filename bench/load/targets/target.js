// @ts-check
/**
 * A server under test, seen from the tool. Every target is a module with `availability()`, which says whether it can
 * run here, and `createTarget()`, whose methods are called by name in a process of its own:
 *
 * | method              | does                                                                               |
 * | ------------------- | ---------------------------------------------------------------------------------- |
 * | `start`             | starts the server; its processes and its version                                   |
 * | `createRoom`        | a room on one of the workers                                                       |
 * | `plainProducer`     | a port that takes one plain RTP stream                                             |
 * | `plainReceivers`    | sends that stream as SRTP to each of many ports                                    |
 * | `webRtcTransport`, `connect`, `produce`, `consume` | one WebRTC endpoint, as in mediasoup's API          |
 * | `preferLayers`      | the spatial layer that all consumers of a producer of simulcast prefer             |
 * | `pipe`              | makes a producer known in a room on another worker                                 |
 * | `counters`          | what the server says it sent until when, and dropped                               |
 * | `close`             | ends everything                                                                    |
 *
 * Two names among the methods of a target are none: `workers` says that `start` heeds how many workers there shall be, and
 * `manyStreams` that there may be several plain producers, and receivers of any of them in several calls.
 *
 * A target that lacks a method cannot take part in the scenarios that need it.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Servers that hang are ended, not waited for. */
const CALL_TIMEOUT_MS = 30_000;

const MODULES = {
  sluss: './sluss.js',
  mediasoup: './mediasoup.js',
  janus: './janus.js',
  werift: './werift.js',
  sendto: './sendto.js',
};

export const TARGET_NAMES = Object.keys(MODULES);

/**
 * @typedef {object} Availability
 * @property {boolean} available
 * @property {string} [version]
 * @property {string} [reason] why not
 * @property {string} [install] what to do about it
 */

/**
 * @param {string} spec a name, or `sluss@<dist folder>` for another build of this project
 * @returns {Promise<{ availability: (folder?: string) => Availability | Promise<Availability>, methods: string[] }>}
 */
export async function loadTarget(spec) {
  const [name] = spec.split('@');
  const file = /** @type {Record<string, string>} */ (MODULES)[name];
  if (!file) throw new Error(`no target '${name}'; there are ${TARGET_NAMES.join(', ')}`);
  return import(file);
}

export class Target {
  /**
   * @param {string} spec
   * @param {{ cores?: string, settings?: object, execArgv?: string[] }} options core list of taskset
   */
  static async start(spec, { cores, settings = {}, execArgv = [] } = {}) {
    const [name, folder] = spec.split('@');
    const module = new URL(/** @type {Record<string, string>} */ (MODULES)[name], import.meta.url);
    return Target.host(spec, module, {
      cores,
      settings,
      execArgv,
      env: folder ? { SLUSS_DIST: folder } : {},
    });
  }

  /**
   * Any module with `createTarget()`.
   * @param {string} label
   * @param {URL} module
   * @param {{ cores?: string, settings?: object, execArgv?: string[], env?: Record<string, string> }} options
   */
  static async host(label, module, { cores, settings = {}, execArgv = [], env = {} }) {
    const host = fileURLToPath(new URL('./host.js', import.meta.url));
    const how = cores === undefined ? { execArgv } : viaTaskset(cores, execArgv);
    const target = new Target(label, fork(host, [module.href], { ...how, env: { ...process.env, ...env } }));
    await target.ready;
    const { pids, version } = await target.call('start', settings);
    /** Of all processes that belong to the server. */
    target.pids = pids;
    target.version = version;
    return target;
  }

  /**
   * @param {string} spec
   * @param {import('node:child_process').ChildProcess} child
   */
  constructor(spec, child) {
    this.spec = spec;
    this.child = child;
    /** @type {number[]} */
    this.pids = [];
    this.version = '';
    this.calls = new Map();
    this.nextId = 1;
    this.ready = new Promise((resolve, reject) => this.calls.set(0, { resolve, reject }));
    this.exited = new Promise((resolve) => child.once('exit', resolve));
    child.on(
      'message',
      (/** @type {{ id: number, result?: any, error?: string }} */ { id, result, error }) => {
        const call = this.calls.get(id);
        this.calls.delete(id);
        clearTimeout(call?.timer);
        if (error === undefined) call?.resolve(result);
        else call?.reject(new Error(`${spec}: ${error}`));
      },
    );
    child.once('exit', (code, signal) => {
      for (const { reject, timer } of this.calls.values()) {
        clearTimeout(timer);
        reject(new Error(`${spec}: its process ended (${signal ?? code})`));
      }
      this.calls.clear();
    });
  }

  /**
   * @param {string} method
   * @param {object} [argument]
   * @returns {Promise<any>}
   */
  call(method, argument) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.calls.delete(id);
        reject(new Error(`${this.spec}: no answer to ${method} within ${CALL_TIMEOUT_MS / 1000} s`));
      }, CALL_TIMEOUT_MS);
      this.calls.set(id, { resolve, reject, timer });
      if (!this.child.connected) return reject(new Error(`${this.spec}: its process has ended`));
      this.child.send({ id, method, argument }, () => {});
    });
  }

  async close() {
    if (this.child.connected) await this.call('close').catch(() => {});
    const grace = setTimeout(() => this.child.kill('SIGKILL'), 2000);
    if (this.child.connected) this.child.disconnect();
    await this.exited;
    clearTimeout(grace);
  }
}

/**
 * @param {string} cores
 * @param {string[]} execArgv
 */
function viaTaskset(cores, execArgv) {
  return { execPath: 'taskset', execArgv: ['-c', cores, process.execPath, ...execArgv] };
}
