// @ts-check
/**
 * The child process in which a server under test lives: takes calls over the IPC channel and answers them.
 *   node targets/host.js <module of the target>
 */
const target = await import(process.argv[2]).then((module) => module.createTarget());

process.on('message', async (/** @type {{ id: number, method: string, argument: unknown }} */ call) => {
  try {
    const result = await target[call.method](call.argument);
    process.send?.({ id: call.id, result });
  } catch (error) {
    process.send?.({
      id: call.id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
});
// The tool went away: so does the server.
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });
