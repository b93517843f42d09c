/** A collector of traces: takes OTLP/HTTP as JSON on a port of its own and keeps every span. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** service.name of the process. */
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startNs: bigint;
  readonly endNs: bigint;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan extends Omit<CollectedSpan, 'attributes' | 'service' | 'startNs' | 'endNs'> {
  readonly attributes?: readonly OtlpAttribute[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const WITHIN_MS = 20_000;

export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
        this.#take(JSON.parse(text) as OtlpBody);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((done) => collector.#server.listen(0, '127.0.0.1', done));
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Spans of a trace, once those of all these names have come. */
  async trace(traceId: string, names: readonly string[]): Promise<readonly CollectedSpan[]> {
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      if (names.every((name) => spans.some((span) => span.name === name))) return spans;
      if (Date.now() > deadline) {
        throw new Error(`of the trace came ${spans.map(({ name }) => name).join(', ')}; of ${names.join(', ')}`);
      }
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #take({ resourceSpans }: OtlpBody): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(read(resource?.attributes)['service.name'] ?? '');
      for (const { spans } of scopeSpans) {
        for (const { attributes, startTimeUnixNano, endTimeUnixNano, ...span } of spans) {
          this.spans.push({
            ...span,
            service,
            attributes: read(attributes),
            startNs: BigInt(startTimeUnixNano),
            endNs: BigInt(endTimeUnixNano),
          });
        }
      }
    }
  }
}

function read(attributes: readonly OtlpAttribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
