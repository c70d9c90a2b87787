import t from 'tap';
import { type MessageFromThread } from '#src/worker/messages.js';
import { ThreadLog } from '#src/worker/thread-log.js';

void t.test('levels filter, tags choose below errors', async (t) => {
  const sent: MessageFromThread[] = [];
  const log = new ThreadLog((message) => sent.push(message));
  log.write('warn', 'ice', 'not by default');
  log.write('error', 'ice', 'errors by default');
  log.update({ logLevel: 'debug', logTags: ['dtls'] });
  log.write('debug', 'ice', 'not this tag');
  log.write('debug', 'dtls', 'this tag');
  log.update({ logLevel: 'none', logTags: ['dtls'] });
  log.write('error', 'dtls', 'nothing');
  t.same(
    sent.map((message) => message.kind === 'log' && message.text),
    ['errors by default', 'this tag'],
  );
});
