/**
 * A small supergraph for tests: catalogue (owner of Item), sales (Sale → Item, its own stub of Item) and tax, whose
 * field on Item is computed from another subgraph's price.
 */
import 'reflect-metadata';
import { GraphQLError } from 'graphql';
import {
  Arg,
  Authorized,
  Ctx,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import { composeSupergraph } from '../../src/graphql/compose.js';
import type { RequestContext } from '../../src/graphql/context.js';
import { PushStream } from '../../src/graphql/push-stream.js';
import { DecimalScalar } from '../../src/graphql/scalars.js';
import type { LocalSubgraph } from '../fast-path.js';

// ------------------------------------------------------------------------------------------------------ catalogue
@ObjectType('Item')
@Directive('@key(fields: "sku")')
class Item {
  @Field(() => ID)
  sku: string;
  @Field(() => String)
  title: string;
  @Field(() => DecimalScalar)
  price: string;
}

const ITEMS = new Map(
  [
    { sku: 'A', title: 'Apple', price: '1.10' },
    { sku: 'B', title: 'Bread', price: '2.20' },
  ].map((item) => [item.sku, Object.assign(new Item(), item)]),
);

/** Adds items `I0`, `I1`, … beside the two of the tests, for loads that ask for a different one each time. */
export function stockUp(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const sku = `I${index}`;
    ITEMS.set(sku, Object.assign(new Item(), { sku, title: `Item ${index}`, price: '3.30' }));
  }
}

/** Streams that tests push into. */
export const priceStreams = new Set<PushStream<Item>>();

export function pushPrice(sku: string, title = 'Apple', price = '1.11'): void {
  for (const stream of priceStreams) stream.push(Object.assign(new Item(), { sku, title, price }));
}

function openPrices(): PushStream<Item> {
  const stream: PushStream<Item> = new PushStream<Item>({
    maxBuffer: 1000,
    onOverflow: 'DROP_OLDEST',
    onClose: () => priceStreams.delete(stream),
  });
  priceStreams.add(stream);
  return stream;
}

@Resolver(() => Item)
class ItemResolver {
  @Query(() => [Item])
  items(): Item[] {
    return [...ITEMS.values()];
  }

  @Query(() => Item, { nullable: true })
  item(@Arg('sku', () => ID) sku: string): Item | null {
    return ITEMS.get(sku) ?? null;
  }

  @Query(() => String, { nullable: true })
  broken(): string {
    throw new Error('SELECT secret FROM somewhere');
  }

  @Query(() => String)
  brokenForGood(): string {
    throw new GraphQLError('this is on purpose', { extensions: { code: 'NOT_FOUND', field: 'x' } });
  }

  @Query(() => String)
  async slow(@Arg('ms', () => Int) ms: number): Promise<string> {
    await new Promise((done) => setTimeout(done, ms));
    return 'done';
  }

  @Query(() => String)
  whoAmI(@Ctx() context: RequestContext): string {
    return `${context.identity?.userId ?? 'nobody'} ${context.requestId}`;
  }

  @Mutation(() => String)
  dawdle(@Arg('ms', () => Int) ms: number): Promise<string> {
    return this.slow(ms);
  }

  @Mutation(() => Item)
  reprice(@Arg('sku', () => ID) sku: string, @Arg('price', () => DecimalScalar) price: string): Item {
    return Object.assign(new Item(), ITEMS.get(sku), { price });
  }

  @Subscription(() => Item, { subscribe: () => openPrices() })
  prices(@Root() item: Item): Item {
    if (item.title === 'unspeakable') throw new Error('secret of the price');
    return item;
  }
}

// ---------------------------------------------------------------------------------------------------------- sales
@ObjectType('Item')
@Directive('@key(fields: "sku")')
class SoldItem {
  @Field(() => ID)
  sku: string;
}

@ObjectType()
@Directive('@key(fields: "id")')
class Sale {
  @Field(() => ID)
  id: string;
  @Field(() => Int)
  quantity: number;
  @Field(() => SoldItem)
  item: SoldItem;
}

@ObjectType()
class Refusal {
  @Field(() => String)
  text: string;
}

const SaleResult = createUnionType({ name: 'SaleResult', types: () => [Sale, Refusal] as const });

function makeSale(id: string, sku: string, quantity: number): Sale {
  return Object.assign(new Sale(), { id, quantity, item: Object.assign(new SoldItem(), { sku }) });
}

@Resolver(() => SoldItem)
class SoldItemResolver {
  @FieldResolver(() => Int)
  soldCount(@Root() item: SoldItem): number {
    return item.sku === 'A' ? 3 : 0;
  }
}

@Resolver(() => Sale)
class SaleResolver {
  @Query(() => Sale, { nullable: true })
  sale(@Arg('id', () => ID) id: string): Sale | null {
    return id === '1' ? makeSale('1', 'A', 3) : null;
  }

  @Authorized('orders:read')
  @Query(() => [Sale])
  sales(): Sale[] {
    return [makeSale('1', 'A', 3), makeSale('2', 'B', 1)];
  }

  @Authorized('orders:write')
  @Mutation(() => SaleResult)
  sell(@Arg('sku', () => ID) sku: string, @Arg('quantity', () => Int) quantity: number): Sale | Refusal {
    return quantity > 0 ? makeSale('3', sku, quantity) : Object.assign(new Refusal(), { text: 'sell at least one' });
  }

  @Authorized('orders:read')
  @Subscription(() => Sale, { subscribe: () => openPrices() })
  sold(@Root() item: Item): Sale {
    if (item.title === 'unspeakable') throw new Error('secret of the sale');
    return makeSale('9', item.sku, 1);
  }
}

// ------------------------------------------------------------------------------------------------------------ tax
@ObjectType('Item')
@Directive('@key(fields: "sku")')
class TaxedItem {
  @Field(() => ID)
  sku: string;
  @Field(() => DecimalScalar)
  @Directive('@external')
  price: string;
}

@Resolver(() => TaxedItem)
class TaxResolver {
  @Query(() => String)
  taxRate(): string {
    return '10%';
  }

  /** An entry into the tax subgraph's own Item, whose price it does not know. */
  @Query(() => [TaxedItem])
  taxedItems(): TaxedItem[] {
    return ['A', 'B'].map((sku) => Object.assign(new TaxedItem(), { sku }));
  }

  @FieldResolver(() => String)
  @Directive('@requires(fields: "price")')
  taxLabel(@Root() item: TaxedItem): string {
    return `10% of ${item.price}`;
  }
}

export interface Shop {
  readonly subgraphs: readonly (LocalSubgraph & { sdl: string })[];
  readonly supergraphSdl: string;
}

export async function buildShop(): Promise<Shop> {
  const catalogue = await buildFederatedSchema({
    resolvers: [ItemResolver],
    references: { Item: ({ sku }: { sku: string }) => ITEMS.get(sku) ?? null },
  });
  const sales = await buildFederatedSchema({
    resolvers: [SaleResolver, SoldItemResolver],
    references: {
      Item: ({ sku }: { sku: string }) => Object.assign(new SoldItem(), { sku }),
      Sale: ({ id }: { id: string }) => makeSale(id, 'A', 3),
    },
  });
  const tax = await buildFederatedSchema({
    resolvers: [TaxResolver],
    references: { Item: (reference: object) => Object.assign(new TaxedItem(), reference) },
  });
  const subgraphs = [
    { name: 'product-catalogue', ...catalogue },
    { name: 'sales', ...sales },
    { name: 'tax', ...tax },
  ];
  return { subgraphs, supergraphSdl: composeSupergraph(subgraphs).supergraphSdl };
}
