/** Forked: the subgraphs, each on a port of its own; what answers is the same for both gateways. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DocumentNode, execute, type GraphQLSchema, parse } from 'graphql';
import { buildShop, stockUp } from '../../router/testing/shop.js';
import { ITEM_COUNT } from './items.js';

/** What the parent is told. */
export interface StartedSubgraphs {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function serve(schema: GraphQLSchema): Promise<string> {
  const documents = new Map<string, DocumentNode>();
  const contextValue = { identity: null, requestId: 'bench' };
  const server = createServer((request, response) => {
    void (async () => {
      const { query, variables, operationName } = JSON.parse(await textOf(request));
      let document = documents.get(query);
      if (document === undefined) {
        document = parse(query);
        documents.set(query, document);
      }
      const result = await execute({ schema, document, variableValues: variables, operationName, contextValue });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(result));
    })();
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

stockUp(ITEM_COUNT);
const shop = await buildShop();
const subgraphs = await Promise.all(
  shop.subgraphs.map(async ({ name, schema, sdl }) => ({ name, sdl, url: await serve(schema) })),
);
let { supergraphSdl } = shop;
for (const { name, url } of subgraphs) {
  supergraphSdl = supergraphSdl.replaceAll(`http://${name}.subgraph/graphql`, `${url}/graphql`);
}
process.on('disconnect', () => process.exit());
process.send?.({ supergraphSdl, subgraphs } satisfies StartedSubgraphs);
