import t from 'tap';
import {
  maskedContact,
  normalHsaId,
  normalPersonalNumber,
  normalPhone,
} from '../../../examples/meeting/server/portal/contact.js';

t.test('phone numbers', async (t) => {
  t.equal(normalPhone('070-123 45 67'), '+46701234567');
  t.equal(normalPhone('+46 (70) 123 45 67'), '+46701234567');
  t.equal(normalPhone('0047 912 34 567'), '+4791234567');
  for (const wrong of ['', '12345', 'call me', '+46', '+0701234567', `+46${'7'.repeat(20)}`])
    t.equal(normalPhone(wrong), null, wrong);
});

t.test('personal numbers: date, check digit, coordination numbers', async (t) => {
  t.equal(normalPersonalNumber('19800101-2387'), '198001012387');
  t.equal(normalPersonalNumber('19121212 1212'), '191212121212');
  t.equal(normalPersonalNumber('197010632391'), '197010632391', 'born on the 3rd, plus 60');
  for (const wrong of ['198001012389', '198002302387', '8001012387', '19801301-2387', '1980010123871', 'x'])
    t.equal(normalPersonalNumber(wrong), null, wrong);
});

t.test('HSA-ID', async (t) => {
  t.equal(normalHsaId(' se2321000016-a12b '), 'SE2321000016-A12B');
  t.equal(normalHsaId('2321000016-a12b'), null);
});

t.test('what is shown of an address does not give it away', async (t) => {
  t.equal(maskedContact('anna.andersson@example.org'), 'a***@example.org');
  t.equal(maskedContact('+46701234567'), '+46•••••4567');
});
