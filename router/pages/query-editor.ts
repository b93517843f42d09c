/** GraphiQL at /graphiql, from this project's own packages: nothing is fetched from elsewhere. */
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { asset, htmlPage, type Page } from './page.js';

export const FIRST_QUERY = `query Market {
  instruments {
    symbol
    description
    ticker {
      bidPx
      askPx
      lastPx
      volume
    }
  }
}
`;

const WELCOME = `# Market data is open to read. For orders, accounts and risk put a token in the
# headers below: {"Authorization": "Bearer <access token>"}
# Subscriptions run over WebSocket with the same headers. Try one:
#   subscription { ticks(symbols: ["BTC-USD"]) { symbol bidPx askPx lastPx } }

`;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL · tradsys</title>
<link rel="stylesheet" href="/graphiql/graphiql.css">
<style>html, body, #editor { height: 100%; margin: 0; }</style>
</head>
<body>
<div id="editor">Loading the editor…</div>
<script src="/graphiql/react.js"></script>
<script src="/graphiql/react-dom.js"></script>
<script src="/graphiql/graphiql.js"></script>
<script type="module" src="/graphiql/start.js"></script>
</body></html>`;

/** Runs in the browser. A socket is opened for the first subscription, with the headers of that moment as its token. */
const START = `import { createClient } from '/graphiql/graphql-ws/client.js';
const url = new URL('/graphql', location.href);
const socketUrl = Object.assign(new URL(url), { protocol: url.protocol === 'https:' ? 'wss:' : 'ws:' });
const clients = new Map();
const clientFor = (headers) => {
  const key = JSON.stringify(headers ?? {});
  let client = clients.get(key);
  if (client === undefined) {
    for (const [other, old] of clients) { old.dispose(); clients.delete(other); }
    client = createClient({ url: socketUrl.href, connectionParams: headers ?? {} });
    clients.set(key, client);
  }
  return client;
};
const overHttp = GraphiQL.createFetcher({ url: url.href });
const isSubscription = (params, documentNode) =>
  documentNode?.definitions.some(
    (each) =>
      each.kind === 'OperationDefinition' &&
      each.operation === 'subscription' &&
      (!params.operationName || each.name?.value === params.operationName),
  ) ?? false;
const fetcher = (params, options) =>
  isSubscription(params, options?.documentAST) ? clientFor(options?.headers).iterate(params) : overHttp(params, options);
ReactDOM.createRoot(document.getElementById('editor')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: ${JSON.stringify(WELCOME + FIRST_QUERY)},
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
    isHeadersEditorEnabled: true,
  }),
);
`;

const POLICY =
  "script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; connect-src 'self' ws: wss:";

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLESHEET = 'text/css; charset=utf-8';

/** What the page loads: path → package, file in it, media type. Packages are found from this file, as an import would. */
const FILES: Readonly<Record<string, readonly [name: string, file: string, contentType: string]>> = {
  '/graphiql/graphiql.js': ['graphiql', 'graphiql.min.js', SCRIPT],
  '/graphiql/graphiql.css': ['graphiql', 'graphiql.min.css', STYLESHEET],
  '/graphiql/react.js': ['react', 'umd/react.production.min.js', SCRIPT],
  '/graphiql/react-dom.js': ['react-dom', 'umd/react-dom.production.min.js', SCRIPT],
};
const CLIENT_MODULE = /^\/graphiql\/graphql-ws\/([\w-]+\.js)$/;

/** Returns what a path under /graphiql serves, null for nothing. Files are read once, when they are first asked for. */
export function createQueryEditor(): (path: string) => Promise<Page | null> {
  const html = htmlPage(HTML, POLICY);
  const loaded = new Map<string, Page>();
  return async (path) => {
    if (path === '/graphiql' || path === '/graphiql/') return html;
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const page = await load(path);
    if (page !== null) loaded.set(path, page);
    return page;
  };
}

async function load(path: string): Promise<Page | null> {
  if (path === '/graphiql/start.js') return asset(SCRIPT, START);
  const file = FILES[path];
  if (file !== undefined) {
    const [name, relative, contentType] = file;
    return asset(contentType, await readFile(join(packageFolder(name), relative)));
  }
  const module = CLIENT_MODULE.exec(path)?.[1];
  if (module === undefined) return null;
  const source = join(packageFolder('graphql-ws'), 'dist', module);
  return (await isFile(source)) ? asset(SCRIPT, await readFile(source)) : null;
}

/** A package may forbid its package.json to be resolved, so its entry is, and its folder is found from there. */
function packageFolder(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const marker = join('node_modules', name);
  const at = entry.lastIndexOf(marker);
  return at < 0 ? dirname(entry) : entry.slice(0, at + marker.length);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
