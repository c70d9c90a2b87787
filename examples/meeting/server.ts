/** The meeting service on this machine. Configured by the environment and a file, see server/config.ts. */
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError, readConfig } from './server/config.js';
import { type Service, startService } from './server/service.js';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const webFolder = fileURLToPath(new URL('web', import.meta.url));
  const service = await startService({ config, webFolder });
  console.log(`The meeting service is at ${service.url}/`);
  console.log(describeMedia(config, service.announced));
  if (config.testEid) {
    console.log('For trying out: the test e-ID is on, and with it anybody is whoever they say they are.');
  }
  for (const warning of service.warnings) console.log(`Note: ${warning}.`);
  closeOnSignals(service);
}

function describeMedia({ rtcPort, workers }: Config, announced: string): string {
  const last = rtcPort + workers - 1;
  const ports =
    rtcPort === 0 ? 'a free port' : workers === 1 ? `port ${rtcPort}` : `ports ${rtcPort} to ${last}`;
  return `Media: clients are told to send to ${announced}, UDP ${ports}.`;
}

/** The first signal lets meetings end in order, the second ends them now. */
function closeOnSignals(service: Service): void {
  let draining = false;
  const onSignal = (): void => {
    if (draining) process.exit(1);
    draining = true;
    console.log('No new people are let in; waiting for meetings to end. Once more to stop at once.');
    void service.drain().then(() => process.exit(0));
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
