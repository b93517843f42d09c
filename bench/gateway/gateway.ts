/** Forked: one gateway, ours or Hive's as it comes; tells its address, and what it has used when asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import type { LocalSubgraph } from '../../router/fast-path.js';
import { createRemoteSubgraph, ReadSequence } from '../../router/remote-subgraph.js';
import { createRouter } from '../../router/router.js';
import { buildShop, stockUp } from '../../router/testing/shop.js';
import { ITEM_COUNT } from './items.js';
import type { StartedSubgraphs } from './subgraphs.js';

export interface WantedGateway extends StartedSubgraphs {
  /** Ours over subgraphs behind HTTP, ours with them in its process, or Hive's over HTTP. */
  readonly kind: 'ours' | 'embedded' | 'stock';
}

const HOST = '127.0.0.1';
const SECRET = 'shared by router and subgraphs, which do not look here';
const silent = () => undefined;

async function startRemote({ supergraphSdl, subgraphs }: WantedGateway): Promise<string> {
  const read = new ReadSequence();
  const remote = subgraphs.map((subgraph) =>
    createRemoteSubgraph({ ...subgraph, secret: SECRET, read, timeoutMs: 30_000, log: silent }),
  );
  return startOurs(await Promise.all(remote), supergraphSdl);
}

async function startEmbedded(): Promise<string> {
  stockUp(ITEM_COUNT);
  const shop = await buildShop();
  return startOurs(shop.subgraphs, shop.supergraphSdl);
}

async function startOurs(subgraphs: readonly LocalSubgraph[], supergraphSdl: string): Promise<string> {
  const router = await createRouter({
    subgraphs,
    supergraphSdl,
    host: HOST,
    port: 0,
    verifier: { verify: () => Promise.reject(new Error('nobody signs in here')) },
    readiness: async () => ({}),
    allowedOrigins: [],
    graphiql: false,
    log: silent,
  });
  return `${router.url}/graphql`;
}

async function startStock({ supergraphSdl }: WantedGateway): Promise<string> {
  const runtime = createGatewayRuntime({ supergraph: supergraphSdl, unifiedGraphHandler, logging: false });
  await runtime.getSchema();
  const server = createServer((request, response) => void runtime(request, response));
  await new Promise<void>((done) => server.listen(0, HOST, done));
  return `http://${HOST}:${(server.address() as AddressInfo).port}/graphql`;
}

const STARTS = { ours: startRemote, embedded: startEmbedded, stock: startStock } as const;

process.on('message', (message: WantedGateway | 'usage') => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send?.({ usedUs: user + system });
    return;
  }
  void STARTS[message.kind](message).then((url) => process.send?.({ url }));
});
process.on('disconnect', () => process.exit());
