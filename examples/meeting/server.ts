/** The meeting service: the gateway with the page on it. Configured by the environment, see server/config.ts. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createGateway, type Gateway } from 'sluss/gateway';
import { planAddresses } from './server/addresses.js';
import { ConfigError, isUnspecified, readConfig, type Config } from './server/config.js';
import { servePage } from './server/http-routes.js';
import { StaticFiles } from './server/static-files.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const { announced, warnings } = planAddresses(config.host, config.announcedAddress, interfaces);
  const files = new StaticFiles(fileURLToPath(new URL('web', import.meta.url)));
  const gateway = await createGateway({
    listen: { ip: config.host, port: config.port },
    rtc: {
      workers: config.workers,
      listenInfos: [{ protocol: 'udp', ip: config.host, announcedAddress: announced, port: config.rtcPort }],
    },
    logger: pino({ name: 'meeting', level: config.logLevel }, pino.destination(2)),
    configureHttp: (app) => servePage(app, files),
  });
  const shownHost = isUnspecified(config.host) ? announced : config.host;
  console.log(`The meeting service is at ${pageUrl(shownHost, gateway.port)}`);
  console.log(describeMedia(config, announced));
  for (const warning of warnings) console.log(`Note: ${warning}.`);
  closeOnSignals(gateway);
}

function pageUrl(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
}

function describeMedia(config: Config, announced: string): string {
  const { rtcPort, workers } = config;
  const last = rtcPort + workers - 1;
  const ports =
    rtcPort === 0 ? 'a free port' : workers === 1 ? `port ${rtcPort}` : `ports ${rtcPort} to ${last}`;
  return `Media: clients are told to send to ${announced}, UDP ${ports}.`;
}

/** The first signal lets meetings end in order, the second ends them now. */
function closeOnSignals(gateway: Gateway): void {
  let draining = false;
  const onSignal = (): void => {
    if (draining) process.exit(1);
    draining = true;
    console.log('No new people are let in; waiting for meetings to end. Once more to stop at once.');
    void gateway.drain().then(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function reasonFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ConfigError) return `Configuration: ${error.message}.`;
  const debugging = ['debug', 'trace'].includes(process.env.LOG_LEVEL ?? '');
  return `The meeting service could not start: ${debugging ? error.stack : error.message}`;
}

try {
  await main();
} catch (error) {
  console.error(reasonFor(error));
  process.exit(1);
}
