/** The gateway's metrics by name. */
import type { MediaStats } from './media-backend.js';
import { type Counter, type LabelledCounter, type Labels, MetricsRegistry } from './metrics.js';

const JOIN_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export class GatewayMetrics {
  readonly registry = new MetricsRegistry();

  readonly messages = byDirection(
    this.registry.counter('sluss_websocket_messages_total', 'WebSocket messages by direction (in, out)'),
  );
  readonly bytes = byDirection(
    this.registry.counter('sluss_websocket_bytes_total', 'WebSocket payload bytes by direction'),
  );
  readonly requests = this.registry.counter('sluss_requests_total', 'Requests by name');
  readonly errors = this.registry.counter(
    'sluss_errors_total',
    'Requests and messages refused, by error code',
  );
  readonly closes = this.registry.counter(
    'sluss_websocket_closes_total',
    'WebSockets closed by the server, by cause',
  );
  readonly joins = this.registry.counter('sluss_peers_joined_total', 'Peers that joined a room');
  readonly leaves = this.registry.counter('sluss_peers_left_total', 'Peers that left, by reason');
  readonly resumes = this.registry.counter(
    'sluss_resumes_total',
    'Resume attempts by result (resumed, unknown)',
  );
  readonly joinSeconds = this.registry.histogram(
    'sluss_join_seconds',
    'Time from a join request to its response',
    JOIN_BOUNDS,
  );
  readonly speakerChanges = this.registry.counter(
    'sluss_speaker_changes_total',
    'Times that somebody else began to lead a conversation',
  );
  readonly stageChanges = this.registry.counter(
    'sluss_stage_changes_total',
    'Times that a speaker took the place of another in what a large room receives, by kind',
  );

  constructor() {
    this.registry.countedElsewhere('process_cpu_seconds_total', 'CPU time of this process', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.registry.gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
    this.registry.gauge('process_uptime_seconds', 'Seconds since the start', () => process.uptime());
  }

  /** `read` gives what is known of the media workers at the time of a scrape. */
  addMedia(read: () => MediaStats): void {
    const { registry } = this;
    const byDirection = (received: number, sent: number): [Labels, number][] => [
      [{ direction: 'in' }, received],
      [{ direction: 'out' }, sent],
    ];
    registry.countedElsewhere('sluss_media_datagrams_total', 'UDP datagrams by direction (in, out)', () =>
      byDirection(read().datagramsReceived, read().datagramsSent),
    );
    registry.countedElsewhere('sluss_media_bytes_total', 'UDP payload bytes by direction', () =>
      byDirection(read().bytesReceived, read().bytesSent),
    );
    registry.countedElsewhere('sluss_media_dropped_total', 'UDP datagrams dropped, by reason', () =>
      Object.entries(read().drops).map(([reason, count]) => [{ reason }, count]),
    );
    registry.gauge(
      'sluss_media_send_queue_bytes',
      'Bytes that wait for the network interface',
      () => read().sendQueueBytes,
    );
    registry.countedElsewhere('sluss_media_worker_cpu_seconds_total', 'CPU time by media worker', () =>
      read().workerCpuSeconds.map((seconds, index) => [{ worker: String(index) }, seconds]),
    );
    registry.gauge(
      'sluss_media_workers',
      'Media workers that answered this scrape',
      () => read().answeringWorkers,
    );
  }
}

function byDirection(counter: Counter): { in: LabelledCounter; out: LabelledCounter } {
  return { in: counter.labelled({ direction: 'in' }), out: counter.labelled({ direction: 'out' }) };
}
