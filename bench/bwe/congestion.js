/**
 * Congestion control: per packet sent, per packet reported by feedback, per packet received: `node bench/bwe/congestion.js`.
 * One viewer, feedback every 50 ms, on a path of 20 ms each way.
 */
import { BandwidthEstimator } from '../../dist/bwe/bandwidth-estimator.js';
import { Pacer } from '../../dist/bwe/pacer.js';
import { SentPacketHistory } from '../../dist/bwe/sent-packet-history.js';
import { StreamAllocator } from '../../dist/bwe/stream-allocator.js';
import { TransportFeedbackSender } from '../../dist/bwe/transport-feedback-sender.js';
import { TransportFeedback } from '../../dist/rtp/rtcp/transport-feedback.js';
import { microBench } from '../support/micro-bench.js';

const SIZE = 1142;
/** Packets of one feedback: 50 ms of 2.5 Mbps at 1,142 bytes are 14. */
const PER_FEEDBACK = 14;
const STEP_MS = 50 / PER_FEEDBACK;
const PATH_MS = 20;

microBench({
  title: 'Congestion control',
  cases: {
    'sent and reported, estimator': () => feedbackLoop(new BandwidthEstimator({ initialBitrate: 2_500_000 })),
    'sent and reported, history alone': () => {
      const history = new SentPacketHistory();
      return feedbackLoop({
        packetSent: (now, sequence, size, cluster) => history.sent(now, sequence, size, cluster),
        receiveFeedback: (now, feedback) => history.process(now, feedback),
      });
    },
    'feedback read': () => {
      const bytes = new Uint8Array(1500);
      const sender = new TransportFeedbackSender();
      for (let n = 0; n < PER_FEEDBACK; n++) sender.record(n * STEP_MS, n);
      const length = sender.write(bytes, 0, 1, 2);
      const feedback = new TransportFeedback();
      return () => {
        if (!feedback.parse(bytes, 0, length)) throw new Error('feedback that cannot be read');
        return PER_FEEDBACK;
      };
    },
    'received and reported': () => {
      const bytes = new Uint8Array(1500);
      const sender = new TransportFeedbackSender();
      let number = 0;
      return () => {
        for (let n = 0; n < PER_FEEDBACK; n++, number++) sender.record(number * STEP_MS, number & 0xffff);
        sender.write(bytes, 0, 1, 2);
        return PER_FEEDBACK;
      };
    },
    'pacer, room for all': () => {
      const pacer = new Pacer({ sendPadding: () => 0 });
      pacer.setRate(0, 5_000_000);
      let now = 0;
      return () => {
        for (let n = 0; n < PER_FEEDBACK; n++) {
          now += STEP_MS;
          if (!pacer.admits(now)) throw new Error('the rate allows this packet');
          pacer.spent(now, SIZE);
        }
        return PER_FEEDBACK;
      };
    },
    'pacer, all wait': () => {
      const pacer = new Pacer({ sendPadding: () => 0 });
      const owner = { sendPaced: () => SIZE, sendPadding: () => 0 };
      pacer.setRate(0, 2_500_000);
      let now = 0;
      return () => {
        for (let n = 0; n < PER_FEEDBACK; n++) pacer.enqueue(now, owner, n, n, 0, false, SIZE);
        for (let n = 0; n < 10; n++) pacer.run((now += 5));
        return PER_FEEDBACK;
      };
    },
    'allocation of 16 streams, per stream': () => {
      const allocator = new StreamAllocator();
      const streams = Array.from({ length: 16 }, (_, n) => allocatedStream(n));
      let now = 0;
      return () => {
        allocator.allocate((now += 100), 4_000_000 + (now % 3000) * 1000, streams);
        return streams.length;
      };
    },
  },
});

/** A turn is one feedback about the packets sent since the last one. */
function feedbackLoop(estimator) {
  const bytes = new Uint8Array(1500);
  const feedback = new TransportFeedback();
  const receiver = new TransportFeedbackSender();
  let number = 0;
  let now = 0;
  return () => {
    for (let n = 0; n < PER_FEEDBACK; n++, number++) {
      now += STEP_MS;
      estimator.packetSent(now, number & 0xffff, SIZE, -1);
      receiver.record(now + PATH_MS, number & 0xffff);
    }
    const length = receiver.write(bytes, 0, 1, 2);
    if (!feedback.parse(bytes, 0, length)) throw new Error('feedback that cannot be read');
    estimator.receiveFeedback(now + 2 * PATH_MS, feedback);
    return PER_FEEDBACK;
  };
}

/** Three layers of simulcast with two temporal layers each, up to 1.6 Mbps. */
function allocatedStream(n) {
  const rungs = [];
  for (let spatialLayer = 0; spatialLayer < 3; spatialLayer++) {
    for (let temporalLayer = 0; temporalLayer < 2; temporalLayer++) {
      rungs.push({
        spatialLayer,
        temporalLayer,
        bitrate: 60_000 * 4 ** spatialLayer * (1 + 0.6 * temporalLayer),
      });
    }
  }
  return { priority: 1 + (n % 3), rungs, current: 0 };
}
