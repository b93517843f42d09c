/**
 * What never reaches a log line: secrets and personal data, by the name of their field and by their own look, wherever they
 * stand. Depth and breadth are bounded, so that no line costs more than it may.
 */

const CENSOR = '[redacted]';
/** Names of fields, without regard to case, dashes and underscores. */
const REDACTED_NAMES: ReadonlySet<string> = new Set([
  // Secrets.
  'token',
  'password',
  'passwordhash',
  'secret',
  'jwtsecret',
  'internalsecret',
  'authorization',
  'cookie',
  'setcookie',
  'accesstoken',
  'refreshtoken',
  'apikey',
  'databaseurl',
  'connectionstring',
  'privatekey',
  'signature',
  'pass',
  // Personal data.
  'username',
  'email',
  'phone',
  'ip',
  'address',
  'clientaddress',
  'remoteaddress',
  'xforwardedfor',
]);
/** JSON Web Tokens, this platform's API keys, bearer headers, passwords within addresses, PEM keys. */
const SECRETS = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\btsk_[\w-]{8,}/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{6,}/gi,
  /(?<=\b[a-z][a-z+]{1,20}:\/\/)[^\s/@:]*:[^\s@]*(?=@)/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
];
const LOOKS_SECRET = /eyJ|tsk_|bearer|basic|:\/\/|PRIVATE KEY/i;
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const MAX_TEXT = 8_192;

/** Returns the text without what looks like a secret, cut where it is very long. */
export function redactText(text: string): string {
  const bounded = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  if (!LOOKS_SECRET.test(bounded)) return bounded;
  return SECRETS.reduce((left, secret) => left.replace(secret, CENSOR), bounded);
}

/** Returns plain data for one line. */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactedRecord(fields, 0);
}

function redactedRecord(fields: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [at, [name, value]] of Object.entries(fields).entries()) {
    if (at >= MAX_ENTRIES) {
      result.omitted = Object.keys(fields).length - MAX_ENTRIES;
      break;
    }
    result[name] = REDACTED_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, '')) ? CENSOR : redacted(value, depth + 1);
  }
  return result;
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => redacted(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return redacted([...value], depth);
  return redactedRecord(value, depth);
}
