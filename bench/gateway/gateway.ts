/** Forked: one gateway over subgraphs behind HTTP, ours or Hive's as it comes; tells its address, and what it has used when asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { createRemoteSubgraph, ReadSequence } from '../../router/remote-subgraph.js';
import { createRouter } from '../../router/router.js';
import type { StartedSubgraphs } from './subgraphs.js';

export interface WantedGateway extends StartedSubgraphs {
  readonly kind: 'ours' | 'stock';
}

const HOST = '127.0.0.1';
const SECRET = 'shared by router and subgraphs, which do not look here';
const silent = () => undefined;

async function startOurs({ supergraphSdl, subgraphs }: WantedGateway): Promise<string> {
  const read = new ReadSequence();
  const router = await createRouter({
    subgraphs: await Promise.all(
      subgraphs.map((subgraph) =>
        createRemoteSubgraph({ ...subgraph, secret: SECRET, read, timeoutMs: 30_000, log: silent }),
      ),
    ),
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

process.on('message', (message: WantedGateway | 'usage') => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage();
    process.send?.({ usedUs: user + system });
    return;
  }
  void (message.kind === 'ours' ? startOurs(message) : startStock(message)).then((url) => process.send?.({ url }));
});
process.on('disconnect', () => process.exit());
