import fc from 'fast-check';
import t from 'tap';
import { ReceiverReport, writeReceiverReport } from '#src/rtp/rtcp/receiver-report.js';
import { ReportBlock } from '#src/rtp/rtcp/report-block.js';
import { SenderReport, writeSenderReport } from '#src/rtp/rtcp/sender-report.js';
import { fromHex, toHex, u32, u8, withstands } from '../hostile.js';

const blockFields = fc.record({
  ssrc: u32,
  fractionLost: u8,
  cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highestSequence: u32,
  jitter: u32,
  lastSenderReport: u32,
  delaySinceLastSenderReport: u32,
});
const blocks = fc.array(blockFields, { maxLength: 31, size: 'max' });
const info = fc.record({
  ssrc: u32,
  ntpSeconds: u32,
  ntpFraction: u32,
  rtpTimestamp: u32,
  packetCount: u32,
  octetCount: u32,
});

function readBlocks(report: SenderReport | ReceiverReport): ReportBlock[] {
  const list: ReportBlock[] = [];
  for (let block = new ReportBlock(); report.readReportBlock(list.length, block); block = new ReportBlock()) {
    list.push(block);
  }
  return list;
}

const BLOCK_HEX = 'cafebabe 40fffffe 00011234 00000010 aabbccdd 00008000';
const SR_HEX = `81c8000c 01020304 e0000000 80000000 000003e8 0000000a 000005dc ${BLOCK_HEX}`;

t.test('a sender report, byte by byte', async (t) => {
  const bytes = fromHex(SR_HEX);
  const report = new SenderReport();
  t.ok(report.parse(bytes, 0, bytes.length));
  t.match(report, {
    ssrc: 0x01020304,
    ntpSeconds: 0xe0000000,
    ntpFraction: 0x80000000,
    rtpTimestamp: 1000,
    packetCount: 10,
    octetCount: 1500,
    reportBlockCount: 1,
  });
  const block = new ReportBlock();
  t.ok(report.readReportBlock(0, block));
  t.same(
    { ...block },
    {
      ssrc: 0xcafebabe,
      fractionLost: 64,
      cumulativeLost: -2,
      highestSequence: 0x00011234,
      jitter: 16,
      lastSenderReport: 0xaabbccdd,
      delaySinceLastSenderReport: 32768,
    },
  );
  t.notOk(report.readReportBlock(1, block));
  t.notOk(report.readReportBlock(-1, block));
  const out = new Uint8Array(bytes.length);
  t.equal(writeSenderReport(out, 0, report, [block]), bytes.length);
  t.equal(toHex(out), toHex(bytes));
});

t.test('cumulative loss is held within 24 bits', async (t) => {
  const out = new Uint8Array(32);
  const report = new ReceiverReport();
  for (const [value, expected] of [
    [0x800000, 0x7fffff],
    [-0x800001, -0x800000],
  ]) {
    writeReceiverReport(out, 0, 1, [Object.assign(new ReportBlock(), { cumulativeLost: value })]);
    t.ok(report.parse(out, 0, 32));
    t.equal(readBlocks(report)[0].cumulativeLost, expected);
  }
});

t.test('sender reports survive the round trip', async () => {
  const out = new Uint8Array(1000);
  fc.assert(
    fc.property(info, blocks, (fields, list) => {
      const end = writeSenderReport(out, 3, fields, list);
      const report = new SenderReport();
      if (end !== 3 + 28 + 24 * list.length || !report.parse(out, 3, end - 3)) return false;
      const { ssrc, ntpSeconds, ntpFraction, rtpTimestamp, packetCount, octetCount } = report;
      const read = { ssrc, ntpSeconds, ntpFraction, rtpTimestamp, packetCount, octetCount };
      return JSON.stringify([read, readBlocks(report)]) === JSON.stringify([fields, list]);
    }),
  );
});

t.test('receiver reports survive the round trip', async () => {
  const out = new Uint8Array(1000);
  fc.assert(
    fc.property(u32, blocks, (ssrc, list) => {
      const end = writeReceiverReport(out, 5, ssrc, list);
      const report = new ReceiverReport();
      return (
        end === 5 + 8 + 24 * list.length &&
        report.parse(out, 5, end - 5) &&
        report.ssrc === ssrc &&
        JSON.stringify(readBlocks(report)) === JSON.stringify(list)
      );
    }),
  );
});

t.test('what does not fit is not written', async (t) => {
  const tooMany = Array.from({ length: 32 }, () => new ReportBlock());
  const out = new Uint8Array(2000);
  t.equal(writeReceiverReport(out, 0, 1, tooMany), -1);
  t.equal(writeReceiverReport(out, 0, 1, tooMany, 31), 8 + 31 * 24);
  t.equal(writeSenderReport(out, 0, new SenderReport(), tooMany), -1);
  t.equal(writeSenderReport(new Uint8Array(27), 0, new SenderReport()), -1);
  t.equal(writeReceiverReport(new Uint8Array(8), 1, 1), -1);
});

t.test('more blocks announced than there are', async (t) => {
  const bytes = fromHex(SR_HEX);
  bytes[0] = 0x82;
  const report = new SenderReport();
  t.notOk(report.parse(bytes, 0, bytes.length));
  t.notOk(report.readReportBlock(0, new ReportBlock()), 'nothing of it can be read');
});

t.test('hostile bytes', async () => {
  const sender = new SenderReport();
  const receiver = new ReceiverReport();
  const samples = [fromHex(SR_HEX), fromHex(`81c90007 01020304 ${BLOCK_HEX}`)];
  withstands((bytes, offset, length) => {
    const facts: unknown[] = [];
    if (sender.parse(bytes, offset, length)) facts.push(sender.ssrc, sender.octetCount, readBlocks(sender));
    if (receiver.parse(bytes, offset, length)) facts.push(receiver.ssrc, readBlocks(receiver));
    return { facts };
  }, samples);
});
