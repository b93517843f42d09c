/** Apollo Sandbox at /sandbox. It is Apollo's and comes from Apollo's servers; without them the page says so. */
import { asset, htmlPage, type Page, STYLE } from './page.js';
import { FIRST_QUERY } from './query-editor.js';

const CDN = 'https://embeddable-sandbox.cdn.apollographql.com';
const FRAME = 'https://sandbox.embed.apollographql.com';

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Apollo Sandbox · tradsys</title>
<style>${STYLE} #sandbox { position: fixed; inset: 0; } #sandbox iframe { width: 100%; height: 100%; border: 0; }</style>
</head>
<body>
<div id="sandbox"></div>
<main id="offline" hidden>
<h1>Apollo Sandbox</h1>
<p>The Sandbox is loaded from Apollo's servers, which cannot be reached from here. The editor at
<a href="/graphiql">/graphiql</a> needs nothing from outside.</p>
</main>
<script src="${CDN}/_latest/embeddable-sandbox.umd.production.min.js"></script>
<script src="/sandbox/start.js"></script>
</body></html>`;

const START = `if (window.EmbeddedSandbox === undefined) {
  document.getElementById('offline').hidden = false;
} else {
  new window.EmbeddedSandbox({
    target: '#sandbox',
    initialEndpoint: new URL('/graphql', location.href).href,
    includeCookies: false,
    initialState: { document: ${JSON.stringify(FIRST_QUERY)}, includeCookies: false, pollForSchemaUpdates: false },
  });
}
`;

const POLICY = `script-src 'self' ${CDN}; style-src 'unsafe-inline'; frame-src ${FRAME}; img-src 'self' data:; connect-src 'self' ws: wss:`;

/** Returns what a path under /sandbox serves, null for nothing. */
export function createSandbox(): (path: string) => Page | null {
  const html = htmlPage(HTML, POLICY);
  const start = asset('text/javascript; charset=utf-8', START);
  return (path) => {
    if (path === '/sandbox' || path === '/sandbox/') return html;
    return path === '/sandbox/start.js' ? start : null;
  };
}
