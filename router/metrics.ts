/** What the router measures of itself, under tradsys_router_*. */

import { Kind } from 'graphql';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { sampledCounter, sampledGauge } from '../src/telemetry/sampled.js';
import type { AuditLog } from './audit/audit-log.js';
import type { CompiledOperation, Operations } from './operations.js';

export type Outcome = 'ok' | 'error' | 'refused';

interface Series {
  readonly seconds: Histogram.Internal<'route' | 'type' | 'outcome'>;
  readonly answers: Counter.Internal;
}

/** Seconds; orders take well under a millisecond, a planned query some. */
const BUCKETS_S = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

const COST_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096];

export class RouterMetrics {
  readonly registry: Registry;
  readonly #operations: Histogram<'route' | 'type' | 'outcome'>;
  readonly #byName: Counter<'operation' | 'type' | 'outcome'>;
  /** Series of an operation that was answered before: finding them by labels costs more than counting. */
  readonly #series = new WeakMap<CompiledOperation, Partial<Record<Outcome, Series>>>();
  readonly #sockets: Gauge;
  readonly #subscriptions: Gauge;
  readonly #closes: Counter<'code'>;
  readonly #costs: Histogram<'type'>;
  readonly #limited: Counter<'class'>;

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
    this.#byName = new Counter({
      name: 'tradsys_router_operations_total',
      help: 'Answered operations by their root field; `several` where there is more than one.',
      labelNames: ['operation', 'type', 'outcome'],
      registers,
    });
    this.#sockets = new Gauge({ name: 'tradsys_router_sockets', help: 'Open WebSockets.', registers });
    this.#subscriptions = new Gauge({ name: 'tradsys_router_subscriptions', help: 'Open subscriptions.', registers });
    this.#costs = new Histogram({
      name: 'tradsys_router_operation_cost',
      help: 'Estimated cost of admitted operations.',
      labelNames: ['type'],
      buckets: COST_BUCKETS,
      registers,
    });
    this.#limited = new Counter({
      name: 'tradsys_router_rate_limited_total',
      help: 'Operations that a quota refused, by its class.',
      labelNames: ['class'],
      registers,
    });
    this.#closes = new Counter({
      name: 'tradsys_router_socket_closes_total',
      help: 'Closed WebSockets by close code.',
      labelNames: ['code'],
      registers,
    });
  }

  /** A document was refused before it became an operation. */
  refused(startedAtMs: number): void {
    this.#operations.observe({ route: 'none', type: 'none', outcome: 'refused' }, secondsSince(startedAtMs));
  }

  answered(operation: CompiledOperation, outcome: Outcome, startedAtMs: number): void {
    let byOutcome = this.#series.get(operation);
    if (byOutcome === undefined) {
      byOutcome = {};
      this.#series.set(operation, byOutcome);
    }
    byOutcome[outcome] ??= this.#seriesOf(operation, outcome);
    byOutcome[outcome].seconds.observe(secondsSince(startedAtMs));
    byOutcome[outcome].answers.inc();
  }

  #seriesOf(operation: CompiledOperation, outcome: Outcome): Series {
    const { type } = operation;
    return {
      seconds: this.#operations.labels({ route: routeName(operation), type, outcome }),
      answers: this.#byName.labels({ operation: rootFieldOf(operation), type, outcome }),
    };
  }

  admitted(type: string, cost: number): void {
    this.#costs.observe({ type }, cost);
  }

  /** @param rateClass out of the fixed list of quotas */
  rateLimited(rateClass: string): void {
    this.#limited.inc({ class: rateClass });
  }

  /** Shows how the kept documents serve. */
  watchDocuments(current: () => Operations): void {
    sampledCounter(
      this.registry,
      {
        name: 'tradsys_router_documents_total',
        help: 'Documents asked for, by whether they were kept.',
        labels: ['cache'],
      },
      (tell) => {
        tell(current().lookups.hits, 'hit');
        tell(current().lookups.misses, 'miss');
      },
    );
    sampledGauge(
      this.registry,
      { name: 'tradsys_router_documents_kept', help: 'Documents kept parsed, validated and planned.' },
      (tell) => tell(current().cachedDocuments),
    );
  }

  /** Shows what became of the entries of the audit log. */
  watchAudit(audit: AuditLog): void {
    sampledCounter(
      this.registry,
      {
        name: 'tradsys_router_audit_entries_total',
        help: 'Entries of the audit log: written, and left out because the database took none for too long.',
        labels: ['outcome'],
      },
      (tell) => {
        tell(audit.counts.written, 'written');
        tell(audit.counts.dropped, 'dropped');
      },
    );
    sampledGauge(
      this.registry,
      { name: 'tradsys_router_audit_waiting', help: 'Entries of the audit log that wait for the database.' },
      (tell) => tell(audit.waiting),
    );
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

function secondsSince(startedAtMs: number): number {
  return (performance.now() - startedAtMs) / 1000;
}

function routeName({ route }: CompiledOperation): string {
  return route.kind === 'subgraph' ? 'fast' : route.kind;
}

/** A name out of the schema, so that clients cannot make up series: operation names are theirs to choose. */
export function rootFieldOf({ definition }: CompiledOperation): string {
  const [selection, ...others] = definition.selectionSet.selections;
  return others.length === 0 && selection?.kind === Kind.FIELD ? selection.name.value : 'several';
}
