/** Both directions against werift's own SRTP, in the two profiles that it has. */
import { RtpHeader, RtpPacket, SrtcpSession, SrtpSession } from 'werift';
import t from 'tap';
import { SrtpReceiver } from '#src/srtp/srtp-receiver.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { srtpProfileInfo } from '#src/srtp/srtp-profiles.js';
import { keyingOf, rtcpPacket, rtpPacket, succeed, toHex } from './support.js';

for (const profile of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'] as const) {
  const ours = keyingOf(profile, 3);
  const theirs = keyingOf(profile, 4);
  const config = {
    keys: {
      localMasterKey: Buffer.from(theirs.masterKey),
      localMasterSalt: Buffer.from(theirs.masterSalt),
      remoteMasterKey: Buffer.from(ours.masterKey),
      remoteMasterSalt: Buffer.from(ours.masterSalt),
    },
    profile: srtpProfileInfo(profile).dtlsId,
  };
  // Over the end of a cycle, with packets that overtake each other at the wrap.
  const sequenceNumbers = [65530, 65531, 65533, 65532, 65534, 0, 65535, 1, 2, 3];
  const payload = new Uint8Array(333).map((_, i) => i);

  t.test(`${profile}: werift reads what we send`, (t) => {
    const sender = new SrtpSender(ours);
    const session = new SrtpSession(config);
    for (const sequenceNumber of sequenceNumbers)
      for (const packet of [
        rtpPacket({ sequenceNumber, payload }),
        rtpPacket({ sequenceNumber, payload, ssrc: 5, csrcs: 2, extensionWords: 3 }),
      ]) {
        const wire = succeed(sender.protectRtp.bind(sender), packet);
        t.equal(
          toHex(session.decrypt(Buffer.from(wire))),
          toHex(packet),
          `sequence number ${sequenceNumber}`,
        );
      }
    const control = new SrtcpSession(config);
    for (const ssrc of [1, 1, 0xfffffff0, 1]) {
      const report = rtcpPacket(ssrc);
      const wire = succeed(sender.protectRtcp.bind(sender), report);
      t.equal(toHex(control.decrypt(Buffer.from(wire))), toHex(report));
    }
    t.end();
  });

  t.test(`${profile}: we read what werift sends`, (t) => {
    const receiver = new SrtpReceiver(theirs);
    const session = new SrtpSession(config);
    for (const sequenceNumber of sequenceNumbers) {
      const header = new RtpHeader({
        payloadType: 100,
        sequenceNumber,
        timestamp: 4000,
        ssrc: 0xf0000001,
        marker: true,
        csrc: [8, 9],
      });
      const packet = new RtpPacket(header, Buffer.from(payload));
      const wire = session.encrypt(packet.payload, packet.header);
      t.equal(
        toHex(succeed(receiver.unprotectRtp.bind(receiver), wire)),
        toHex(packet.serialize()),
        `sequence number ${sequenceNumber}`,
      );
    }
    const control = new SrtcpSession(config);
    for (const ssrc of [1, 1, 0xfffffff0, 1]) {
      const report = rtcpPacket(ssrc);
      const wire = control.encrypt(Buffer.from(report));
      t.equal(toHex(succeed(receiver.unprotectRtcp.bind(receiver), wire)), toHex(report));
    }
    t.end();
  });
}
