import { readConfig } from '../../examples/meeting/server/config.js';

/** What the service says when it is not started with these settings. */
export function configMistake(env: NodeJS.ProcessEnv): { name: string; message: string } {
  try {
    readConfig(env);
  } catch (error) {
    return error as Error;
  }
  return { name: 'none', message: 'no mistake' };
}
