import fc from 'fast-check';
import t from 'tap';
import { PayloadTypeSet } from '#src/router/payload-type-set.js';

t.test('property: it has what was added, and nothing else', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(127)), (payloadTypes) => {
      const set = new PayloadTypeSet();
      for (const payloadType of payloadTypes) set.add(payloadType);
      for (let payloadType = 0; payloadType < 128; payloadType++) {
        if (set.has(payloadType) !== payloadTypes.includes(payloadType)) return false;
      }
      return String(set.list()) === String(payloadTypes.sort((a, b) => a - b));
    }),
  );
  t.end();
});
