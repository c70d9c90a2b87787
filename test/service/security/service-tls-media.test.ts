/** The service with a certificate of its own, and the service over real media workers. */
import { request } from 'node:https';
import { testFakeParameters } from 'mediasoup-client';
import t from 'tap';
import type {
  EidOrderView,
  MeetingView,
  PortalOverview,
  TicketView,
} from '../../../examples/meeting/shared/api.js';
import { TestClient } from '../../gateway/test-client.js';
import {
  BO,
  begin,
  book,
  Browser,
  type Answer,
  DEMO_PERSON,
  enter,
  invitationTo,
  newFolder,
  organiser,
  startTestService,
} from '../meetings/test-service.js';
import { ownCertificate } from './own-certificate.js';

/** As `Browser`, over TLS with an authority of its own. */
class SecureBrowser extends Browser {
  constructor(
    url: string,
    private readonly ca: string,
  ) {
    super(url);
  }

  override send<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const headers = {
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      origin: this.url,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    };
    return new Promise((resolve, reject) => {
      const asked = request(this.url + path, { method, ca: this.ca, agent: false, headers }, (answer) => {
        const chunks: Buffer[] = [];
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
          this.cookies.set(name, value);
        }
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = answer.headers['content-type'] === 'application/json';
          const own = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          const content = isJson ? (JSON.parse(text) as unknown) : text;
          resolve({
            status: answer.statusCode ?? 0,
            body: content as T,
            headers: new Headers(own as [string, string][]),
          });
        });
      });
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

t.test('over TLS: the page, the session, and the signalling', async (t) => {
  const folder = newFolder(t);
  const { pem, ...files } = ownCertificate(folder);
  const { service } = await startTestService(t, { folder }, files);
  t.match(service.url, /^https:/);
  const anna = new SecureBrowser(`https://127.0.0.1:${service.port}`, pem);
  const page = await anna.get<string>('/');
  t.equal(page.status, 200);
  t.match(page.body, '<!doctype html>');
  t.match(page.headers.get('strict-transport-security'), /max-age=\d{7,}/);
  const order = await anna.post<EidOrderView>('/api/eid/orders', {
    provider: 'test',
    purpose: 'portal',
    sameDevice: false,
    returnPath: '/portal',
    claim: { ...DEMO_PERSON, assurance: 'substantial' },
  });
  t.match(
    order.headers.get('set-cookie'),
    /^__Host-sluss=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
  );
  await anna.expect('GET', `/api/eid/orders/${order.body.id}`);
  await anna.expect<PortalOverview>('GET', '/api/portal/overview');
  const meeting: MeetingView = await book(anna, []);
  await anna.host(meeting.id);
  const { ticket, room }: TicketView = await anna.ticket(meeting.id);
  const signalling = `wss://127.0.0.1:${service.port}/signalling`;
  const options = { ca: pem } as Parameters<typeof TestClient.open>[2];
  const client = await TestClient.open(t, signalling, options);
  const joined = await client.request('join', {
    room,
    ticket,
    displayName: 'Anna',
    rtpCapabilities: testFakeParameters.generateRouterRtpCapabilities() as never,
    transports: ['send', 'recv'],
  });
  t.equal(joined.transports.length, 2);
  t.equal(service.gateway.rooms.participants(meeting.id).length, 1);
});

t.test('over media workers: both are in the room, with transports that lead somewhere', async (t) => {
  const service = await startTestService(t, { mediaBackend: undefined }, { RTC_PORT: '0' });
  const anna = await organiser(service);
  const meeting = await book(anna, [{ name: 'Bo', personalNumber: BO.personalNumber }]);
  const host = await begin(t, service, anna, meeting.id);
  const bo = service.browser();
  const { participantId } = await bo.arrive(invitationTo(meeting, 'Bo'), BO);
  await anna.lobby(meeting.id, 'admit', { participantId });
  const guest = await enter(t, service, bo, meeting.id);
  for (const { joined } of [host, guest]) {
    t.equal(joined.transports.length, 2);
    for (const { iceCandidates, iceParameters, dtlsParameters } of joined.transports) {
      t.match(iceCandidates[0], { protocol: 'udp', type: 'host' });
      t.ok(iceCandidates[0].port > 0);
      t.match(iceParameters, { usernameFragment: /./, password: /.{22,}/ });
      t.ok(dtlsParameters.fingerprints.length > 0);
    }
  }
  t.match(guest.joined.peers, [{ displayName: DEMO_PERSON.name }]);
  await anna.lobby(meeting.id, 'end');
  t.equal((await guest.client.closed).code, 4004);
});
