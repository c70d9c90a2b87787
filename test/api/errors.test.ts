import t from 'tap';
import { InvalidStateError, NotFoundError, UnsupportedError, WorkerClosedError } from '#src/api/errors.js';

t.test('each error is an Error with its own name', (t) => {
  for (const ErrorClass of [UnsupportedError, NotFoundError, WorkerClosedError]) {
    const error = new ErrorClass('why');
    t.ok(error instanceof Error);
    t.equal(error.name, ErrorClass.name);
    t.equal(error.message, 'why');
    t.match(error.stack, `${ErrorClass.name}`);
    t.equal(String(error), `${ErrorClass.name}: why`);
  }
  t.end();
});

t.test('InvalidStateError is the old name of WorkerClosedError', (t) => {
  t.equal(InvalidStateError, WorkerClosedError);
  const error: InvalidStateError = new WorkerClosedError('closed');
  t.ok(error instanceof InvalidStateError);
  t.end();
});
