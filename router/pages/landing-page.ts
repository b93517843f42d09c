/** The page at /: what runs here and where. */
import { escapeHtml, htmlPage, type Page, STYLE } from './page.js';
import { FIRST_QUERY } from './query-editor.js';

const ENDPOINTS: readonly (readonly [path: string, what: string, editorOnly?: boolean])[] = [
  ['/graphiql', 'Query editor, served by this process', true],
  ['/sandbox', 'Apollo Sandbox, loaded from Apollo: needs the internet', true],
  ['/graphql', 'GraphQL over HTTP (POST, and GET for queries) and over WebSocket (graphql-transport-ws)'],
  ['/healthz', 'Whether the process answers'],
  ['/readyz', 'Whether it can serve, with the state of each dependency'],
  ['/metrics', 'Prometheus metrics'],
];

const CARDS = `
.endpoints { display: grid; gap: 0.75rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
.endpoints a { display: block; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; color: inherit; }
.endpoints a:hover { border-color: var(--accent); text-decoration: none; }
.endpoints code { color: var(--accent); font-weight: 600; font-size: 1rem; }
.endpoints span { display: block; color: var(--dim); font-size: 0.9rem; }
`;

/** @param editors whether /graphiql and /sandbox are served */
export function landingPage(editors: boolean): Page {
  const cards = ENDPOINTS.filter(([, , editorOnly]) => editors || editorOnly !== true).map(
    ([path, what]) => `<a href="${path}"><code>${path}</code><span>${escapeHtml(what)}</span></a>`,
  );
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>tradsys</title>
<style>${STYLE}${CARDS}</style></head>
<body><main>
<h1>tradsys</h1>
<p>A trading platform behind one GraphQL supergraph: market data, orders, risk and accounts, with ticks and fills as they happen.</p>
<h2>Endpoints</h2>
<div class="endpoints">${cards.join('')}</div>
<h2>A first query</h2>
<pre>${escapeHtml(FIRST_QUERY)}</pre>
<p>Market data is open to read. For everything else send <code>Authorization: Bearer &lt;access token&gt;</code>, in the
connection_init payload over WebSocket.</p>
</main></body></html>`;
  return htmlPage(html, "style-src 'unsafe-inline'; img-src 'self'");
}
