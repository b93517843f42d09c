/** HTML pages and the files they load: from this process only, under a content security policy that says so. */

export interface Page {
  readonly contentType: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const SELF_ONLY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ";

/** @param policy what the page may load beyond nothing, e.g. "script-src 'self'" */
export function htmlPage(html: string, policy: string): Page {
  return {
    contentType: 'text/html; charset=utf-8',
    body: Buffer.from(html),
    headers: {
      'content-security-policy': SELF_ONLY + policy,
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  };
}

export function asset(contentType: string, body: Buffer | string): Page {
  return {
    contentType,
    body: typeof body === 'string' ? Buffer.from(body) : body,
    headers: { 'cache-control': 'no-cache' },
  };
}

/** A candle, as the browser's tab shows it. */
export const FAVICON = asset(
  'image/svg+xml',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1v14" stroke="#0a7a55"/><path d="M5 4h6v8H5z" fill="#0a7a55"/></svg>`,
);

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Looks that all pages share; light and dark by the reader's own setting. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #12161c; --dim: #5b6675; --paper: #f7f8fa; --card: #fff; --line: #dfe3e8; --accent: #0a7a55; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf1; --dim: #93a0b0; --paper: #0e1217; --card: #161c24; --line: #26303c; --accent: #35d399; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 4rem 1.5rem; }
h1 { font-size: 2.4rem; letter-spacing: -0.03em; margin: 0; }
h2 { font-size: 1rem; margin: 2.5rem 0 0.75rem; }
p { color: var(--dim); max-width: 40rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
code, pre { font: 0.875rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; overflow-x: auto; }
`;
