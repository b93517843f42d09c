/** Rows and text as PostgreSQL takes them. */

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** PostgreSQL stores neither NUL nor half a surrogate pair in text. */
const UNSTORABLE = /[\0\ud800-\udfff]/;

/** Returns the text as PostgreSQL can store it: what it cannot becomes U+FFFD. Lookups go through it too. */
export function storableText(text: string): string {
  return UNSTORABLE.test(text) ? Buffer.from(text.replaceAll('\0', '\ufffd'), 'utf8').toString('utf8') : text;
}
