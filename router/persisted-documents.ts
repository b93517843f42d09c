/**
 * Documents that clients name by their SHA-256 instead of sending them.
 *
 * - With a manifest only its documents run, by hash or by text: what nobody deployed cannot be asked.
 * - Without one, automatic persisted queries (APQ): a client sends the hash alone, and once more with the document where it is not
 *   known yet. Kept is only what compiled; the least used is forgotten, and its clients send it again.
 *
 * A hash comes as `extensions.persistedQuery.sha256Hash` (Apollo's protocol) or as `documentId: "sha256:…"` (GraphQL over HTTP).
 */
import { createHash } from 'node:crypto';
import { RequestError, routerError } from './errors.js';
import { LruCache } from './lru-cache.js';

/** Text by its hash, lower-case hexadecimal. */
export type DocumentManifest = ReadonlyMap<string, string>;

/** The manifest cannot be used; the message says why. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

const HASH = /^[0-9a-f]{64}$/;
const CLIENTS_WORDS = 'PersistedQueryNotFound';

/**
 * Reads a manifest: `{"<hash>": "<document>"}` as the client preset of GraphQL Code Generator writes it, or Apollo's
 * `{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}`.
 * @throws ManifestError naming the entry
 */
export function readManifest(text: string): DocumentManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ManifestError('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ManifestError('it is not an object of documents by their hash');
  }
  const documents = new Map<string, string>();
  for (const [hash, body] of entriesOf(value as Record<string, unknown>)) {
    if (typeof body !== 'string' || hash !== sha256(body)) {
      throw new ManifestError(`the entry "${hash.slice(0, 80)}" is not named by the SHA-256 of its document`);
    }
    documents.set(hash, body);
  }
  if (documents.size === 0) throw new ManifestError('it holds no document, so nothing could be asked');
  return documents;
}

function entriesOf(manifest: Record<string, unknown>): [hash: string, body: unknown][] {
  if (!Array.isArray(manifest.operations)) return Object.entries(manifest);
  return manifest.operations.map((each: { id?: unknown; body?: unknown } | null) => [String(each?.id), each?.body]);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export class PersistedDocuments {
  readonly #manifest: DocumentManifest | null;
  readonly #listed: ReadonlySet<string>;
  readonly #kept: LruCache<string>;

  /** @param manifest null: whatever is valid may run */
  constructor(manifest: DocumentManifest | null, maxDocuments: number, maxBytes: number) {
    this.#manifest = manifest;
    this.#listed = new Set(manifest?.values());
    this.#kept = new LruCache(maxDocuments, maxBytes);
  }

  /**
   * Returns the document to run.
   * @param query as sent; empty where only the hash was
   * @throws RequestError when the hash is not known, not the document's, or the document not in the manifest
   */
  resolve(query: string, hash: string | undefined): string {
    if (this.#manifest !== null) return this.#listedDocument(this.#manifest, query, hash);
    if (hash === undefined) return query;
    const known = this.#kept.get(hash);
    if (query === '') {
      if (known !== undefined) return known;
      throw new RequestError([routerError('PERSISTED_QUERY_NOT_FOUND', CLIENTS_WORDS)]);
    }
    if (known !== query && sha256(query) !== hash) throw mismatch();
    return query;
  }

  #listedDocument(manifest: DocumentManifest, query: string, hash: string | undefined): string {
    const text = query === '' && hash !== undefined ? manifest.get(hash) : query;
    if (text !== undefined && this.#listed.has(text)) return text;
    const problem = 'this document is not in the manifest of documents that may run here';
    throw new RequestError([routerError('PERSISTED_QUERY_NOT_IN_LIST', problem)]);
  }

  /** Keeps a document that came with its hash and proved to be valid. */
  keep(query: string, hash: string | undefined): void {
    if (this.#manifest !== null || hash === undefined || query === '' || this.#kept.has(hash)) return;
    this.#kept.set(hash, query, query.length * 2);
  }
}

function mismatch(): RequestError {
  return new RequestError([
    routerError('BAD_REQUEST', 'the hash is not the SHA-256 of the document that came with it'),
  ]);
}

/**
 * Returns the hash that a request names its document by; undefined where it names none.
 * @throws RequestError when it is no SHA-256
 */
export function hashOf(
  documentId: unknown,
  extensions: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const persisted = extensions?.persistedQuery;
  if (documentId === undefined || documentId === null) {
    if (persisted === undefined || persisted === null) return undefined;
    const { sha256Hash } = persisted as { sha256Hash?: unknown };
    return checkedHash(sha256Hash, 'extensions.persistedQuery.sha256Hash');
  }
  const id = typeof documentId === 'string' && documentId.startsWith('sha256:') ? documentId.slice(7) : documentId;
  return checkedHash(id, 'documentId');
}

function checkedHash(value: unknown, field: string): string {
  if (typeof value === 'string' && HASH.test(value)) return value;
  throw new RequestError([
    routerError('BAD_REQUEST', `${field}: send the SHA-256 of the document in lower-case hexadecimal`),
  ]);
}
