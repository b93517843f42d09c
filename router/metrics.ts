/** What the router measures of itself, under tradsys_router_*. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Outcome = 'ok' | 'error' | 'refused';

/** Seconds; orders take well under a millisecond, a planned query some. */
const BUCKETS_S = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

export class RouterMetrics {
  readonly registry: Registry;
  readonly #operations: Histogram<'route' | 'type' | 'outcome'>;
  readonly #sockets: Gauge;
  readonly #subscriptions: Gauge;
  readonly #closes: Counter<'code'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.registry = registry;
    this.#operations = new Histogram({
      name: 'tradsys_router_operation_seconds',
      help: 'Time from a parsed request to its result, by route (fast: one subgraph; gateway: planned over several).',
      labelNames: ['route', 'type', 'outcome'],
      buckets: BUCKETS_S,
      registers,
    });
    this.#sockets = new Gauge({ name: 'tradsys_router_sockets', help: 'Open WebSockets.', registers });
    this.#subscriptions = new Gauge({ name: 'tradsys_router_subscriptions', help: 'Open subscriptions.', registers });
    this.#closes = new Counter({
      name: 'tradsys_router_socket_closes_total',
      help: 'Closed WebSockets by close code.',
      labelNames: ['code'],
      registers,
    });
  }

  operation(route: string, type: string, outcome: Outcome, startedAtMs: number): void {
    this.#operations.observe({ route, type, outcome }, (performance.now() - startedAtMs) / 1000);
  }

  socketOpened(): void {
    this.#sockets.inc();
  }

  socketClosed(code: number): void {
    this.#sockets.dec();
    this.#closes.inc({ code });
  }

  subscriptionsChanged(by: number): void {
    this.#subscriptions.inc(by);
  }
}
