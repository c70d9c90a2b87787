/**
 * A real OpenID provider (oidc-provider) at 127.0.0.1 with a page on which a person is chosen, and every kind of trouble. It
 * stands alone: a browser test may start it beside a service and click through its page.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { interactionPolicy, Provider } from 'oidc-provider';
import { rewrite, type TokenForgery } from './id-token.js';
import { PEOPLE } from './people.js';
import { type OidcWorld, SITHS_WORLD } from './worlds.js';

export interface OidcSimulatorOptions {
  /** Closes it at the end of a test. */
  readonly t?: { teardown(end: () => Promise<void>): unknown };
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Default `https://meet.example/eid/callback`. */
  readonly redirectUris?: readonly string[];
  /** Whose provider it is. Default Inera's, with SITHS. */
  readonly world?: OidcWorld;
  /** Default `private_key_jwt`. */
  readonly clientAuthentication?: 'private_key_jwt' | 'client_secret_basic' | 'client_secret_post';
  /** As brokers of the Finnish Trust Network: signed requests only, encrypted ID tokens. */
  readonly isStrict?: boolean;
}

export type OidcTrouble = 'ok' | 'down' | 'slow' | 'nonsense' | 'huge';

export const REDIRECT_URI = 'https://meet.example/eid/callback';
export const ACR = SITHS_WORLD.acr;
/** What only we and the provider ask each other; the rest is for browsers. */
const BACK_CHANNEL = /^\/(\.well-known|jwks|token|me)\b/;

export class OidcSimulator {
  readonly clientId = 'demokommunen';
  readonly clientSecret = randomBytes(32).toString('base64url');
  /** Private: what the client signs and decrypts with. */
  readonly clientKey = makeKey('client', 'RS256', 'sig');
  readonly decryptionKey = makeKey('client-enc', 'RSA-OAEP-256', 'enc');
  /** Paths of the back channel that were asked for. */
  readonly requests: string[] = [];
  /** Of the ID tokens from now on. */
  forgery: TokenForgery | null = null;
  readonly #signingKey = makeKey('op', 'RS256', 'sig');
  readonly #options: OidcSimulatorOptions;
  readonly #server: Server;
  #provider: Provider | null = null;
  #trouble: OidcTrouble = 'ok';

  static async start(options: OidcSimulatorOptions = {}): Promise<OidcSimulator> {
    const simulator = new OidcSimulator(options);
    await new Promise<void>((resolve) => simulator.#server.listen(0, '127.0.0.1', resolve));
    simulator.#provider = simulator.#makeProvider();
    options.t?.teardown(() => simulator.close());
    return simulator;
  }

  private constructor(options: OidcSimulatorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A service whose address is not known before it has started: it may send its people here from now on. */
  register(redirectUri: string): void {
    this.#provider = this.#makeProvider([redirectUri]);
  }

  /** Of the back channel, until told otherwise. `slow`: no answer comes. */
  trouble(kind: OidcTrouble): void {
    this.#trouble = kind;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (BACK_CHANNEL.test(path)) {
      this.requests.push(path);
      if (this.#isTroubled(response)) return;
    }
    if (!path.startsWith('/interaction/')) return this.#provider!.callback()(request, response);
    if (request.method !== 'POST') return void response.setHeader('Content-Type', 'text/html').end(PAGE);
    await this.#decide(request, response);
  }

  async #decide(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const result =
      form.get('action') === 'approve'
        ? {
            login: {
              accountId: form.get('person') ?? '',
              acr: this.#world.acr,
              amr: ['sc'],
              remember: false,
            },
          }
        : { error: 'access_denied', error_description: 'the person said no' };
    await this.#provider!.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  #isTroubled(response: ServerResponse): boolean {
    if (this.#trouble === 'down') response.writeHead(503).end('maintenance');
    else if (this.#trouble === 'nonsense') response.end('<html><body>It works!</body></html>');
    else if (this.#trouble === 'huge') response.end(Buffer.alloc(2 * 1024 * 1024, '{"a":'));
    else return this.#trouble === 'slow';
    return true;
  }

  get #world(): OidcWorld {
    return this.#options.world ?? SITHS_WORLD;
  }

  #makeProvider(redirectUris = this.#options.redirectUris ?? [REDIRECT_URI]): Provider {
    const { clientAuthentication = 'private_key_jwt', isStrict } = this.#options;
    const { acr, scopes, claimsOf } = this.#world;
    const policy = interactionPolicy.base();
    // Whoever signed in before in this browser: the page is shown each time.
    const { Check } = interactionPolicy;
    policy
      .get('login')!
      .checks.add(
        new Check('always', 'somebody must be chosen', 'login_required', ({ oidc }) =>
          oidc.result?.login ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
        ),
      );
    const provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: this.clientId,
          redirect_uris: [...redirectUris],
          response_types: ['code'],
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: clientAuthentication,
          ...(clientAuthentication !== 'private_key_jwt' && { client_secret: this.clientSecret }),
          jwks: { keys: [publicPart(this.clientKey), publicPart(this.decryptionKey)] as never[] },
          ...(isStrict === true && {
            require_signed_request_object: true,
            request_object_signing_alg: 'RS256',
            id_token_encrypted_response_alg: 'RSA-OAEP-256',
            id_token_encrypted_response_enc: 'A256GCM',
          }),
        },
      ],
      acrValues: [acr],
      claims: { ...scopes, acr: null },
      conformIdTokenClaims: false,
      // Requests are signed by the injected clock.
      clockTolerance: 3_600,
      cookies: { keys: [randomBytes(16).toString('hex')] },
      features: {
        devInteractions: { enabled: false },
        claimsParameter: { enabled: true },
        requestObjects: { enabled: true },
        encryption: { enabled: true },
      },
      enabledJWA: { idTokenEncryptionAlgValues: ['RSA-OAEP-256'] },
      findAccount: (_, id) => {
        const person = PEOPLE.find(({ sub }) => sub === id);
        return person && { accountId: id, claims: () => claimsOf(person) };
      },
      interactions: { policy, url: (_, { uid }) => `/interaction/${uid}` },
      jwks: { keys: [this.#signingKey] },
      // What a person agrees to was agreed upon with the organisation.
      async loadExistingGrant({ oidc }) {
        const grant = new oidc.provider.Grant({
          clientId: oidc.client!.clientId,
          accountId: oidc.session!.accountId!,
        });
        grant.addOIDCScope(Object.keys(scopes).join(' '));
        grant.addOIDCClaims(Object.values(scopes).flat());
        await grant.save();
        return grant;
      },
      pkce: { required: () => true },
      ttl: { IdToken: 3_600, Interaction: 3_600, Session: 3_600, Grant: 3_600, AccessToken: 3_600 },
    });
    provider.use(async (ctx, next) => {
      await next();
      const body = ctx.body as { id_token?: string | undefined } | undefined;
      if (ctx.path !== '/token' || typeof body?.id_token !== 'string' || isStrict === true) return;
      const shift = Math.round(((this.#options.now ?? Date.now)() - Date.now()) / 1_000);
      body.id_token = (await rewrite(body.id_token, this.#signingKey, shift, this.forgery)) ?? undefined;
    });
    return provider;
  }
}

const keys = new Map<string, JWK>();

/** Making keys takes time: one of each for the process. */
function makeKey(kid: string, alg: string, use: 'sig' | 'enc'): JWK {
  let key = keys.get(kid);
  if (!key) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    key = { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg, use };
    keys.set(kid, key);
  }
  return key;
}

function publicPart({ kty, n, e, kid, alg, use }: JWK): JWK {
  return { kty, n, e, kid, alg, use };
}

const PAGE = `<!doctype html><html lang="sv"><meta charset="utf-8"><title>Testlegitimation</title>
<h1>Vem är du?</h1><form method="post">
${PEOPLE.map(({ sub, name }, index) => `<p><label><input type="radio" name="person" value="${sub}"${index === 0 ? ' checked' : ''}> ${name}</label>`).join('\n')}
<p><button name="action" value="approve">Legitimera</button> <button name="action" value="deny">Avbryt</button>
</form></html>`;
