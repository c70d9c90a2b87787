// @ts-check
/** Janus' HTTP API, as much as endpoints in its videoroom need. */

const POLL_LIMIT = 50;

export class JanusHandle {
  /**
   * A session with the videoroom plugin.
   * @param {string} base URL of the API
   */
  static async attach(base) {
    const session = await post(base, { janus: 'create' });
    const url = `${base}/${session.data.id}`;
    const handle = await post(url, { janus: 'attach', plugin: 'janus.plugin.videoroom' });
    return new JanusHandle(url, handle.data.id);
  }

  /**
   * @param {string} session
   * @param {number} id
   */
  constructor(session, id) {
    this.session = session;
    this.url = `${session}/${id}`;
  }

  /**
   * A request that is answered at once.
   * @param {object} body
   */
  async request(body) {
    const { plugindata } = await post(this.url, { janus: 'message', body });
    return checked(plugindata.data);
  }

  /**
   * A request whose answer comes as an event; with a session description both ways.
   * @param {object} body
   * @param {object} [jsep]
   */
  async negotiate(body, jsep) {
    await post(this.url, { janus: 'message', body, ...(jsep && { jsep }) });
    for (let n = 0; n < POLL_LIMIT; n++) {
      const event = await (await fetch(`${this.session}?maxev=1`)).json();
      if (event.janus === 'event') return { data: checked(event.plugindata.data), jsep: event.jsep };
    }
    throw new Error('Janus sent no answer');
  }

  /** Ends the session and all that it has. */
  async close() {
    await post(this.session, { janus: 'destroy' });
  }

  keepAlive() {
    return post(this.session, { janus: 'keepalive' });
  }
}

/**
 * What the admin API knows of an endpoint.
 * @param {string} url of the handle there
 * @param {string} secret
 */
export async function handleInfo(url, secret) {
  const { info } = await post(url, { janus: 'handle_info', admin_secret: secret });
  return info;
}

/**
 * @param {string} url
 * @param {object} message
 */
async function post(url, message) {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ transaction: 'load', ...message }),
  });
  const answer = await response.json();
  if (answer.janus === 'error') throw new Error(`Janus: ${answer.error.reason}`);
  return answer;
}

/** @param {any} data */
function checked(data) {
  if (data.error) throw new Error(`Janus: ${data.error}`);
  return data;
}
