/** Observers on a real router: what its producers receive is what they hear. */
import t from 'tap';
import { writeAudioLevel } from '#src/rtp/header-extensions.js';
import { ActiveSpeakerObserver } from '#src/router/active-speaker-observer.js';
import { AudioLevelObserver } from '#src/router/audio-level-observer.js';
import { type Producer } from '#src/router/producer.js';
import { buildRtp } from '../support/rtp-builder.js';
import { background, seeded, speech } from '../support/speech.js';
import { opusSender, VirtualRoom, type VirtualTransport } from '../support/virtual-room.js';

const LEVEL_ID = 6;

function talker(transport: VirtualTransport, id: string, ssrc: number): Producer {
  const rtpParameters = opusSender(ssrc);
  return transport.produce({
    id,
    kind: 'audio',
    rtpParameters: {
      ...rtpParameters,
      mid: id,
      headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: LEVEL_ID }],
    },
  });
}

function say(transport: VirtualTransport, ssrc: number, packet: number, level: number): void {
  const data = new Uint8Array(1);
  writeAudioLevel(data, 0, level, level < 60);
  transport.receive(
    buildRtp({
      payloadType: 111,
      sequenceNumber: packet,
      timestamp: packet * 960,
      ssrc,
      payload: new Uint8Array(60),
      extensions: [{ id: LEVEL_ID, data }],
    }),
  );
}

function meeting() {
  const room = new VirtualRoom();
  const { router, environment } = room;
  const transport = room.transport('t');
  const anna = talker(transport, 'anna', 1);
  const bo = talker(transport, 'bo', 2);
  const levels = new AudioLevelObserver('levels', router, environment, {
    maxEntries: 2,
    threshold: -80,
    interval: 1000,
  });
  const speaker = new ActiveSpeakerObserver('speaker', router, environment, { interval: 300 });
  for (const observer of [levels, speaker]) {
    observer.addProducer(room.now, 'anna');
    observer.addProducer(room.now, 'bo');
  }
  let packet = 0;
  const talk = (ms: number, ofAnna: (now: number) => number, ofBo: (now: number) => number): void => {
    for (const end = room.now + ms; room.now < end; room.advance(20)) {
      packet += 1;
      say(transport, 1, packet, ofAnna(room.now));
      say(transport, 2, packet, ofBo(room.now));
    }
  };
  return { room, router, transport, anna, bo, levels, speaker, talk };
}

void t.test('the audio level extension of received packets', (t) => {
  const random = seeded(1);
  const { room, talk } = meeting();
  talk(3500, () => 40, background(random));
  t.same(room.events('levels', 'volumes').at(-1), [{ producerId: 'anna', volume: -40 }]);
  talk(6500, background(random), speech(random));
  t.same(room.events('speaker', 'dominantspeaker').at(-1), { producerId: 'bo' });
  t.end();
});

void t.test('a paused producer is silent', (t) => {
  const { room, anna, talk } = meeting();
  const loud = (): number => 20;
  talk(1500, loud, () => 100);
  anna.pause(room.now);
  talk(3000, loud, () => 100);
  t.equal(room.events('levels', 'silence').length, 1);
  anna.resume(room.now);
  talk(2000, loud, () => 100);
  t.same(room.events('levels', 'volumes').at(-1), [{ producerId: 'anna', volume: -20 }]);
  t.end();
});

void t.test('the dump of the router, and what closing does to it', (t) => {
  const { room, router, transport, anna, levels, speaker } = meeting();
  t.match(router.dump(), {
    rtpObserverIds: ['levels', 'speaker'],
    mapProducerIdObserverIds: [
      { key: 'anna', values: ['levels', 'speaker'] },
      { key: 'bo', values: ['levels', 'speaker'] },
    ],
  });
  transport.rtp.closeProducer(room.now, 'anna');
  t.equal(anna.audioLevelListeners.length, 0);
  t.match(router.dump(), { mapProducerIdObserverIds: [{ key: 'bo', values: ['levels', 'speaker'] }] });
  levels.close();
  t.match(router.dump(), {
    rtpObserverIds: ['speaker'],
    mapProducerIdObserverIds: [{ key: 'bo', values: ['speaker'] }],
  });
  router.close(room.now);
  t.match(router.dump(), { rtpObserverIds: [], mapProducerIdObserverIds: [] });
  t.equal(speaker.producerIds.length, 0);
  t.equal(speaker.timerIndex, -1);
  t.end();
});
