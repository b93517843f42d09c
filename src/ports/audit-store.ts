/** The audit log: who asked for which mutation, with what, from where, and what came of it. Only ever added to. */

export const CREDENTIAL_KINDS = ['SESSION', 'API_KEY', 'EXTERNAL', 'TOKEN', 'OPERATOR'] as const;
/** What the caller showed: TOKEN is an access token of no session, OPERATOR the command line on the database. */
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export interface AuditEntry {
  /** Name that the writer gave it, 1 to 100 characters: written twice it stands in the log once. */
  readonly entry: string;
  /** When it was answered, microseconds since 1970 UTC. */
  readonly timeUs: number;
  readonly requestId: string;
  /** null: nobody was signed in. */
  readonly userId: string | null;
  readonly credentialKind: CredentialKind | null;
  /** Session or API key; null where there is none. */
  readonly credentialId: string | null;
  readonly address: string | null;
  /** The mutation's field, e.g. placeOrder. */
  readonly action: string;
  /** Arguments as JSON, secrets taken out, cut where long. */
  readonly arguments: string;
  /** Type of the answer, or the code of the error. */
  readonly result: string;
}

export interface AuditRecord extends AuditEntry {
  /** Place in the log, ascending. */
  readonly id: number;
}

/** What entries must have; null = anything. */
export interface AuditFilter {
  readonly userId: string | null;
  readonly credentialId: string | null;
  readonly address: string | null;
  readonly action: string | null;
  readonly result: string | null;
  /** Inclusive, microseconds since 1970 UTC. */
  readonly fromUs: number | null;
  /** Exclusive. */
  readonly toUs: number | null;
}

/** Every method may throw HistoryUnreachableError: the database cannot be reached now. */
export interface AuditStore {
  /** Adds the entries, all or none; durable when it resolves. Those that stand there already are passed over. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. @param before id of the entry behind which the page begins; null = the newest. @param limit most records */
  page(filter: AuditFilter, before: number | null, limit: number): Promise<readonly AuditRecord[]>;
}
