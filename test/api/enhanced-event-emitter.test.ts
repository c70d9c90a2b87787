import t from 'tap';
import { EnhancedEventEmitter } from '#src/api/enhanced-event-emitter.js';

type SampleEvents = {
  score: [value: number, unit: string];
  close: [];
};

t.test('typed events arrive in order, and off() ends them', (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  const seen: string[] = [];
  const onScore = (value: number, unit: string) => seen.push(`${value.toFixed(1)} ${unit}`);
  emitter.on('score', onScore);
  emitter.once('close', () => seen.push('close'));
  t.equal(emitter.emit('score', 1, 'a'), true);
  emitter.off('score', onScore);
  t.equal(emitter.emit('score', 2, 'b'), false);
  emitter.emit('close');
  emitter.emit('close');
  t.same(seen, ['1.0 a', 'close']);
  // @ts-expect-error the event has two arguments
  emitter.emit('score', 1);
  // @ts-expect-error there is no such event
  emitter.emit('other');
  t.end();
});

t.test('any number of listeners is fine', (t) => {
  t.equal(new EnhancedEventEmitter<SampleEvents>().getMaxListeners(), Infinity);
  t.end();
});

t.test('safeEmit() tells whether somebody listens', (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  t.equal(emitter.safeEmit('close'), false);
  let calls = 0;
  emitter.once('close', () => calls++);
  t.equal(emitter.safeEmit('close'), true);
  t.equal(calls, 1);
  t.end();
});

t.test('safeEmit() gives an exception of a listener to listenererror', (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  const errors: [string, Error][] = [];
  emitter.on('listenererror', (eventName, error) => errors.push([eventName, error]));
  const fault = new Error('in the application');
  emitter.on('score', () => {
    throw fault;
  });
  t.equal(emitter.safeEmit('score', 1, 'a'), true);
  t.equal(errors.length, 1);
  t.equal(errors[0][0], 'score');
  t.equal(errors[0][1], fault);
  t.throws(() => emitter.emit('score', 1, 'a'), fault, 'emit() does not catch');
  t.end();
});

t.test('what is thrown need not be an Error', (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  emitter.on('close', () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'text';
  });
  emitter.on('listenererror', (_eventName, error) => {
    t.ok(error instanceof Error);
    t.equal(error.message, 'text');
    t.end();
  });
  emitter.safeEmit('close');
});

async function nextWarning(): Promise<Error & { code?: string; detail?: string }> {
  return new Promise((resolve) => process.once('warning', resolve));
}

t.test('without a listenererror listener the fault becomes a warning', async (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  emitter.on('close', () => {
    throw new Error('nobody knows');
  });
  const warning = nextWarning();
  t.equal(emitter.safeEmit('close'), true);
  t.match(await warning, { code: 'SLUSS_LISTENER_ERROR', message: /'close'/, detail: /nobody knows/ });
});

t.test('a fault in a listenererror listener neither escapes nor loops', async (t) => {
  const emitter = new EnhancedEventEmitter<SampleEvents>();
  let calls = 0;
  emitter.on('close', () => {
    throw new Error('first');
  });
  emitter.on('listenererror', () => {
    calls++;
    throw new Error('second');
  });
  const warning = nextWarning();
  t.equal(emitter.safeEmit('close'), true);
  t.equal(calls, 1);
  t.match(await warning, { message: /'listenererror'/, detail: /second/ });
});
