/**
 * Metrics that are read off the parts when somebody asks, so that the parts know nothing of Prometheus and pay nothing.
 */
import { Counter, Gauge, type Metric, type Registry } from 'prom-client';
import type { BucketCounts } from './bucket-counts.js';

/** Tells one series: its labels, in the order of the metric's label names, and its value. */
export type Tell = (value: number, ...labels: string[]) => void;

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** A total that some part counts itself; it only rises while the process lives. */
export function sampledCounter(registry: Registry, description: Description, sample: (tell: Tell) => void): void {
  const { name, help, labels = [] } = description;
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      sample((value, ...values) => this.inc(labelled(labels, values), value));
    },
  });
}

/** A value that rises and falls. */
export function sampledGauge(registry: Registry, description: Description, sample: (tell: Tell) => void): void {
  const { name, help, labels = [] } = description;
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      sample((value, ...values) => this.set(labelled(labels, values), value));
    },
  });
}

/** Observations that some part counts in buckets itself. */
export function sampledHistogram(
  registry: Registry,
  { name, help, labels = [] }: Description,
  sample: (tell: (counts: BucketCounts, ...labels: string[]) => void) => void,
): void {
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: () => {
      const values: { metricName: string; labels: Record<string, string | number>; value: number }[] = [];
      sample((counts, ...own) => values.push(...seriesOf(name, labelled(labels, own), counts)));
      return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' });
    },
  };
  // The library's own histogram can only be observed into; what a registry asks of a metric is `get`.
  registry.registerMetric(metric as unknown as Metric);
}

function seriesOf(name: string, labels: Record<string, string>, { bounds, counts, sum, count }: BucketCounts) {
  let below = 0;
  const buckets = bounds.map((bound, at) => {
    below += counts[at] as number;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  if (names.length !== values.length) throw new RangeError(`labels ${names.join(', ')} need ${names.length} values`);
  return Object.fromEntries(names.map((name, at) => [name, values[at] as string]));
}
