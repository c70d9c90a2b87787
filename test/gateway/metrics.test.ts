import t from 'tap';
import { MetricsRegistry } from '#src/gateway/metrics.js';

t.test('the text format', (t) => {
  const registry = new MetricsRegistry();
  const counter = registry.counter('c_total', 'A counter');
  const histogram = registry.histogram('h_seconds', 'A histogram', [0.1, 1]);
  registry.gauge('g', 'A gauge', () => [[{ kind: 'a"b\\c\n' }, 3]]);
  counter.add();
  counter.add(2, { code: 'x' });
  counter.labelled({ code: 'x' }).add();
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  t.equal(
    registry.toText(),
    [
      '# HELP c_total A counter',
      '# TYPE c_total counter',
      'c_total 1',
      'c_total{code="x"} 3',
      '# HELP h_seconds A histogram',
      '# TYPE h_seconds histogram',
      'h_seconds_bucket{le="0.1"} 2',
      'h_seconds_bucket{le="1"} 3',
      'h_seconds_bucket{le="+Inf"} 4',
      'h_seconds_sum 7.65',
      'h_seconds_count 4',
      '# HELP g A gauge',
      '# TYPE g gauge',
      'g{kind="a\\"b\\\\c\\n"} 3',
      '',
    ].join('\n'),
  );
  t.throws(() => registry.counter('g', 'again'), /twice/);
  t.end();
});
