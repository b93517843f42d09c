/**
 * The audit log as the router writes it: each mutation that it answered, executed or refused, in batches beside the answers.
 *
 * What waits is bounded twice, as it came and as text. While the database is away it waits; when no more fits, either what comes is
 * left out, counted, and told by an entry of its own as soon as there is room (`drop`), or mutations are refused until there is (`refuse`).
 * What was answered within the last moments before a kill is not in the log; the journal has its commands all the same.
 */
import { randomUUID } from 'node:crypto';
import type { GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../../src/graphql/context.js';
import type { AuditEntry, AuditStore, CredentialKind } from '../../src/ports/audit-store.js';
import type { Log } from '../../src/ports/log.js';
import type { FormattedResult } from '../errors.js';
import type { Variables } from '../operations.js';
import { argumentsText } from './arguments.js';
import { type MutationField, takeType } from './mutation-fields.js';

export interface AuditOptions {
  readonly store: AuditStore;
  /** Entries that may wait for the database. */
  readonly maxWaiting: number;
  readonly whenFull: 'drop' | 'refuse';
  readonly log: Log;
}

/** Time that answers are gathered before they are written, ms. */
const GATHER_MS = 50;
const MAX_BATCH = 500;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** Time that a stop gives the last batches, ms. */
const DRAIN_MS = 3_000;
/** Names in a document that is not valid may be of any length. */
const MAX_ACTION_LENGTH = 100;
/** Result of a field that the document itself left out. */
const SKIPPED = 'SKIPPED';
/** Action of the entry that tells how many are missing. */
const MISSING = 'audit';

/** A mutation as it came; made into text when its batch is. */
interface Answered {
  readonly atMs: number;
  readonly fields: readonly MutationField[];
  readonly variables: Variables;
  readonly context: RequestContext;
  /** By field. */
  readonly results: readonly string[];
}

export class AuditLog {
  readonly #options: AuditOptions;
  readonly #writer = randomUUID();
  #number = 0;
  #answered: Answered[] = [];
  #waiting: AuditEntry[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #missing = 0;
  #missingSinceMs = 0;
  #stopping = false;
  /** Entries so far: written, and left out because no more fitted. */
  readonly counts = { written: 0, dropped: 0 };

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Entries that wait for the database. */
  get waiting(): number {
    return this.#waiting.length + this.#answered.length;
  }

  /** True where mutations are to be refused, since what they do could not be written down. */
  get refuses(): boolean {
    return this.#options.whenFull === 'refuse' && this.waiting >= this.#options.maxWaiting;
  }

  /** Notes what was answered, and takes the question for the types of the answers out of the result. */
  answered(
    fields: readonly MutationField[],
    variables: Variables,
    context: RequestContext,
    result: FormattedResult,
  ): void {
    const results = fields.map(({ key }) => resultOf(key, result));
    this.#note({ atMs: Date.now(), fields, variables, context, results });
  }

  /** Notes what was not executed. @param code of the error that it was refused with */
  refused(fields: readonly MutationField[], variables: Variables, context: RequestContext, code: string): void {
    this.#note({ atMs: Date.now(), fields, variables, context, results: fields.map(() => code) });
  }

  /** Writes what waits, within seconds, and takes no more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const untilMs = performance.now() + DRAIN_MS;
    while (this.waiting > 0 && performance.now() < untilMs) {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      this.#writing ??= this.#write();
      await this.#writing;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.waiting > 0)
      this.#options.log('error', 'entries of the audit log were not written', { count: this.waiting });
  }

  #note(answered: Answered): void {
    if (this.waiting >= this.#options.maxWaiting) {
      if (this.#missing === 0) {
        this.#missingSinceMs = answered.atMs;
        this.#options.log('error', 'the audit log is full: entries are left out until the database takes some');
      }
      this.#missing += answered.fields.length;
      this.counts.dropped += answered.fields.length;
      return;
    }
    this.#answered.push(answered);
    // While the database is away only texts wait, which are shorter than what came.
    if (this.#answered.length >= MAX_BATCH) this.#gather();
    this.#schedule(GATHER_MS);
  }

  #schedule(inMs: number): void {
    if (this.#timer !== null || this.#writing !== null || this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#writing = this.#write();
    }, inMs);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    let retryMs = MIN_RETRY_MS;
    try {
      for (;;) {
        this.#gather();
        const batch = this.#waiting.slice(0, MAX_BATCH);
        if (batch.length === 0) return;
        try {
          await this.#options.store.append(batch);
        } catch (error) {
          this.#options.log('debug', 'the audit log cannot be written now', {
            error: String(error),
            waiting: this.waiting,
          });
          if (this.#stopping) return;
          await pause(retryMs);
          retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
          continue;
        }
        retryMs = MIN_RETRY_MS;
        this.#waiting.splice(0, batch.length);
        this.counts.written += batch.length;
      }
    } finally {
      this.#writing = null;
      if (this.#answered.length > 0) this.#schedule(GATHER_MS);
    }
  }

  /** Makes text of what was answered, and of how much is missing. */
  #gather(): void {
    for (const answered of this.#answered) {
      const { fields, variables, results } = answered;
      fields.forEach(({ node }, index) => {
        this.#waiting.push(
          this.#entry(answered, node.name.value, argumentsText(node, variables), results[index] ?? ''),
        );
      });
    }
    this.#answered = [];
    if (this.#missing === 0) return;
    const context = { identity: null, requestId: this.#writer };
    const missing = { count: this.#missing, since: new Date(this.#missingSinceMs).toISOString() };
    this.#waiting.push(this.#entry({ atMs: Date.now(), context }, MISSING, JSON.stringify(missing), 'ENTRIES_MISSING'));
    this.#missing = 0;
  }

  #entry(
    { atMs, context }: Pick<Answered, 'atMs' | 'context'>,
    action: string,
    text: string,
    result: string,
  ): AuditEntry {
    const { identity, requestId, address } = context;
    this.#number += 1;
    return {
      entry: `${this.#writer}/${this.#number}`,
      timeUs: atMs * 1_000,
      requestId,
      userId: identity?.userId ?? null,
      credentialKind: identity === null ? null : ((identity.credential?.kind ?? 'TOKEN') as CredentialKind),
      credentialId: identity?.credential?.id ?? null,
      address: address ?? null,
      action: action.slice(0, MAX_ACTION_LENGTH),
      arguments: text,
      result,
    };
  }
}

/** Code of the error at this field or above it; else the type of the answer, or OK; of what @skip or @include left out SKIPPED. */
function resultOf(key: string, { data, errors }: FormattedResult): string {
  const answer = (data as Record<string, unknown> | null | undefined)?.[key];
  const isLeftOut = answer === undefined && data !== null && data !== undefined;
  if (isLeftOut && errors?.some(({ path }) => path === undefined || path[0] === key) !== true) return SKIPPED;
  const type = takeType(answer);
  if (answer === null || answer === undefined) {
    const error = errors?.find(({ path }) => path?.[0] === key) ?? errors?.find(({ path }) => path === undefined);
    const code = error === undefined ? codeOf(errors?.[0]) : codeOf(error);
    if (code !== null) return code;
  }
  return type ?? 'OK';
}

function codeOf(error: GraphQLFormattedError | undefined): string | null {
  return typeof error?.extensions?.code === 'string' ? error.extensions.code : null;
}

async function pause(ms: number): Promise<void> {
  await new Promise<void>((done) => {
    setTimeout(done, ms).unref();
  });
}
