/** Another supergraph while the router runs, and subgraphs that do not answer. */

import { type ExecutionResult, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { composeSupergraph } from '../src/graphql/compose.js';
import type { RequestContext } from '../src/graphql/context.js';
import { ErrorFormatter } from './errors.js';
import { createGateway } from './gateway.js';
import { buildShop, priceStreams, pushPrice, type Shop } from './testing/shop.js';
import { startRouter } from './testing/start.js';

const JSON_TYPE = { 'content-type': 'application/json' };

async function ask(url: string, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data?: unknown; errors?: { message: string }[] };
}

const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  expect(await condition()).toBe(true);
}

describe('a supergraph that is replaced', () => {
  const withoutTax = ({ subgraphs }: Shop) => {
    const left = subgraphs.filter(({ name }) => name !== 'tax');
    return { subgraphs: left, supergraphSdl: composeSupergraph(left).supergraphSdl };
  };

  it('holds for what comes next, and leaves subscriptions as they are', async () => {
    const router = await startRouter();
    const client = createClient({ url: `${router.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    try {
      // One that a subgraph feeds alone, one that is planned over two.
      const alone = client.iterate({ query: 'subscription { prices { sku price } }' });
      const planned = client.iterate({ query: 'subscription { prices { sku soldCount } }' });
      const [first, second] = [alone.next(), planned.next()];
      await until(() => priceStreams.size === 2);
      pushPrice('A');
      expect(await Promise.all([first, second])).toMatchObject([
        { value: { data: { prices: { sku: 'A' } } } },
        { value: { data: { prices: { sku: 'A', soldCount: 3 } } } },
      ]);
      const slow = ask(router.url, '{ slow(ms: 1000) taxRate }');
      await until(async () => /documents_total\{cache="miss"\} 3/.test(await metricsOf(router.url)));

      const { subgraphs, supergraphSdl } = withoutTax(await buildShop());
      await router.reload(supergraphSdl, subgraphs);

      expect((await ask(router.url, '{ taxRate }')).errors?.[0]?.message).toContain('taxRate');
      expect(await ask(router.url, '{ items { sku } }')).toMatchObject({
        data: { items: [{ sku: 'A' }, { sku: 'B' }] },
      });
      expect(await slow).toMatchObject({ data: { slow: 'done', taxRate: '10%' } });
      const [third, fourth] = [alone.next(), planned.next()];
      pushPrice('B');
      expect(await Promise.all([third, fourth])).toMatchObject([
        { value: { data: { prices: { sku: 'B' } } } },
        { value: { data: { prices: { sku: 'B', soldCount: 0 } } } },
      ]);
      await Promise.all([alone.return?.(), planned.return?.()]);
      await until(() => priceStreams.size === 0);
    } finally {
      await client.dispose();
      await router.stop();
    }
  });

  it('is refused when it names what is not there, and then nothing has changed', async () => {
    const router = await startRouter();
    try {
      const shop = await buildShop();
      await expect(router.reload(shop.supergraphSdl, withoutTax(shop).subgraphs)).rejects.toThrow(/tax/);
      await expect(router.reload('type Query { broken', shop.subgraphs)).rejects.toThrow();
      expect(await ask(router.url, '{ taxRate }')).toMatchObject({ data: { taxRate: '10%' } });
    } finally {
      await router.stop();
    }
  });
});

describe('a subgraph that does not answer', () => {
  const context: RequestContext = { identity: null, requestId: 'r' };
  const formatter = new ErrorFormatter(() => undefined);

  it('leaves the data of the others, beside an error by its code and name', async () => {
    const { subgraphs, supergraphSdl } = await buildShop();
    const down = {
      name: 'tax',
      execute: async () => {
        throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:4001'), { code: 'ECONNREFUSED' });
      },
    };
    const parts = [...subgraphs.filter(({ name }) => name !== 'tax'), down];
    const gateway = await createGateway(supergraphSdl, parts);
    const run = async (text: string) => {
      const request = { document: parse(text), operationName: undefined, variables: undefined, context };
      return formatter.formatResult((await gateway.execute(request)) as ExecutionResult, 'r');
    };
    try {
      const both = await run('{ item(sku: "A") { title taxLabel } }');
      expect(JSON.parse(JSON.stringify(both))).toMatchObject({
        errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'tax' } }],
      });
      expect(JSON.stringify(both)).not.toMatch(/ECONNREFUSED|10\.0\.0\.7/);
      const rooted = await run('{ item(sku: "A") { title } taxedItems { sku } }');
      expect(rooted.errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
      expect(await run('{ items { title soldCount } }')).toMatchObject({
        data: { items: [{ title: 'Apple', soldCount: 3 }, { title: 'Bread' }] },
      });
    } finally {
      await gateway.dispose();
    }
  });
});
