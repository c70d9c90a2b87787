import t from 'tap';
import { h264ProfileLevelIdForAnswer, isSameH264Profile } from '#src/api/ortc/h264-profile.js';
import { matchCodecs, type ComparableCodec } from '#src/api/ortc/match-codecs.js';

const vp8: ComparableCodec = { mimeType: 'video/VP8', clockRate: 90000 };
const opus: ComparableCodec = { mimeType: 'audio/opus', clockRate: 48000, channels: 2 };
const strict = { strict: true };

function withParameters(mimeType: string, parameters: ComparableCodec['parameters']): ComparableCodec {
  return { mimeType, clockRate: 90000, parameters };
}

function h264(parameters: ComparableCodec['parameters']): ComparableCodec {
  return withParameters('video/H264', parameters);
}

t.test('MIME type (whatever its case), clock rate and channels', (t) => {
  t.ok(matchCodecs(vp8, { ...vp8, mimeType: 'VIDEO/vp8' }, strict));
  t.notOk(matchCodecs(vp8, { ...vp8, mimeType: 'video/VP9' }, strict));
  t.notOk(matchCodecs(vp8, { ...vp8, clockRate: 8000 }, strict));
  t.ok(matchCodecs(vp8, { ...vp8, channels: 2 }, strict), 'video has no channels');
  t.notOk(matchCodecs(opus, { ...opus, channels: 1 }, strict));
  t.notOk(
    matchCodecs(opus, { mimeType: 'audio/opus', clockRate: 48000 }, strict),
    'the default is one channel',
  );
  t.ok(
    matchCodecs(
      { mimeType: 'audio/PCMU', clockRate: 8000 },
      { mimeType: 'audio/PCMU', clockRate: 8000, channels: 1 },
      strict,
    ),
  );
  t.end();
});

t.test('multiopus: the stream layout, strict or not', (t) => {
  const six = { mimeType: 'audio/multiopus', clockRate: 48000, channels: 6 };
  const layout = { ...six, parameters: { num_streams: 4, coupled_streams: 2 } };
  t.ok(
    matchCodecs(
      layout,
      { ...six, parameters: { num_streams: '4', coupled_streams: '2' } },
      { strict: false },
    ),
  );
  t.notOk(
    matchCodecs(layout, { ...six, parameters: { num_streams: 4, coupled_streams: 1 } }, { strict: false }),
  );
  t.end();
});

t.test('VP9 and AV1 profiles count when strict; left out is 0; text is as good as a number', (t) => {
  for (const [mimeType, key] of [
    ['video/VP9', 'profile-id'],
    ['video/AV1', 'profile'],
  ]) {
    t.ok(matchCodecs(withParameters(mimeType, { [key]: 0 }), withParameters(mimeType, {}), strict));
    t.ok(
      matchCodecs(withParameters(mimeType, { [key]: '2' }), withParameters(mimeType, { [key]: 2 }), strict),
    );
    t.notOk(matchCodecs(withParameters(mimeType, { [key]: 2 }), withParameters(mimeType, {}), strict));
    t.ok(
      matchCodecs(withParameters(mimeType, { [key]: 2 }), withParameters(mimeType, {}), { strict: false }),
    );
  }
  t.end();
});

t.test('H264: packetization mode and profile count when strict, the level never', (t) => {
  const baseline = h264({ 'packetization-mode': 1, 'profile-level-id': '42e01f' });
  t.ok(matchCodecs(baseline, h264({ 'packetization-mode': '1', 'profile-level-id': '42e034' }), strict));
  t.ok(
    matchCodecs(baseline, h264({ 'packetization-mode': 1 }), strict),
    'no profile is Constrained Baseline',
  );
  t.notOk(matchCodecs(baseline, h264({ 'profile-level-id': '42e01f' }), strict), 'mode 0 by default');
  t.notOk(matchCodecs(baseline, h264({ 'packetization-mode': 1, 'profile-level-id': '640032' }), strict));
  t.notOk(matchCodecs(baseline, h264({ 'packetization-mode': 1, 'profile-level-id': 'what' }), strict));
  t.ok(matchCodecs(baseline, h264({ 'profile-level-id': '640032' }), { strict: false }));
  t.end();
});

t.test('H264 profiles by the constraint flags of RFC 6184 table 5', (t) => {
  const same = (a: string | number, b: string | number) =>
    isSameH264Profile({ 'profile-level-id': a }, { 'profile-level-id': b });
  t.ok(same('42e01f', '42c02a'), 'Constrained Baseline: constraint_set1 in Baseline');
  t.ok(same('42e01f', '4d801f'), 'Constrained Baseline: constraint_set0 in Main');
  t.ok(same('42e01f', '58c01f'), 'Constrained Baseline: both in Extended');
  t.notOk(same('42e01f', '42001f'), 'Baseline');
  t.ok(same('42001f', '58801f'), 'Baseline from Extended');
  t.notOk(same('64001f', '640c1f'), 'High and Constrained High');
  t.notOk(same('4d001f', '64001f'), 'Main and High');
  t.notOk(same('zzzzzz', 'zzzzzz'), 'an unreadable one is the same as nothing');
  t.ok(same('640032', 640032), 'an SDP parser makes a number of digits');
  t.end();
});

t.test('H264 level in an answer', (t) => {
  const answer = (local: string, remote: string, asymmetry?: string | number) =>
    h264ProfileLevelIdForAnswer(
      { 'profile-level-id': local, 'level-asymmetry-allowed': asymmetry },
      { 'profile-level-id': remote, 'level-asymmetry-allowed': 1 },
    );
  t.equal(answer('42e02a', '42e01f', 1), '42e02a', 'asymmetry: the own level');
  t.equal(answer('42e02a', '42e01f', '1'), '42e02a');
  t.equal(answer('42e02a', '42e01f', 0), '42e01f', 'symmetry: the lower one');
  t.equal(answer('42e015', '42e01f'), '42e015');
  t.equal(answer('42f00b', '42e00b'), '42f00b', 'level 1b is below 1.1');
  t.equal(h264ProfileLevelIdForAnswer({}, {}), undefined);
  t.end();
});
