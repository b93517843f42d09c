import 'reflect-metadata';
import { execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import {
  Arg,
  createUnionType,
  Directive,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
  Subscription,
} from 'type-graphql';
import { buildFederatedSchema } from './build-subgraph.js';
import { composeSupergraph } from './compose.js';
import type { RequestContext } from './context.js';

const Colour = { RED: 'RED', BLUE: 'BLUE' } as const;
registerEnumType(Colour, { name: 'Colour', description: 'Paint.', valuesConfig: { RED: { description: 'Warm.' } } });

@ObjectType({ description: 'A house.' })
@Directive('@key(fields: "id")')
class House {
  @Field(() => ID, { description: 'Its id.' })
  id: string;
  @Field(() => [Room], { description: 'Its rooms.' })
  rooms: () => Room[];
  @Field(() => Colour, { description: 'Its colour.' })
  colour: keyof typeof Colour;
}

@ObjectType({ description: 'A room.' })
class Room {
  @Field(() => String, { description: 'Its name.' })
  name: string;
  @Field(() => House, { description: 'The house around it.' })
  house: House;
}

@ObjectType({ description: 'Nothing found.' })
class Missing {
  @Field(() => String, { description: 'Why.' })
  text: string;
}

const HouseResult = createUnionType({ name: 'HouseResult', types: () => [House, Missing] as const });

function makeHouse(id: string): House {
  const house = new House();
  house.id = id;
  house.colour = 'RED';
  house.rooms = () => ['kitchen', 'hall'].map((name) => Object.assign(new Room(), { name, house }));
  return house;
}

@Resolver(() => House)
class HouseResolver {
  @Query(() => HouseResult, { description: 'A house by id.' })
  house(@Arg('id', () => ID, { description: 'Its id.' }) id: string): House | Missing {
    return id === 'none' ? Object.assign(new Missing(), { text: 'no such house' }) : makeHouse(id);
  }

  @FieldResolver(() => [Room])
  rooms(@Root() house: House): Room[] {
    return house.rooms();
  }

  @Subscription(() => House, {
    description: 'Houses as they are built.',
    subscribe: async function* () {
      yield makeHouse('one');
      yield makeHouse('two');
    },
  })
  built(@Root() house: House): House {
    return house;
  }
}

@ObjectType('House', { description: 'A house, as its owner sees it.' })
@Directive('@key(fields: "id")')
class OwnedHouse {
  @Field(() => ID, { description: 'Its id.' })
  id: string;
  @Field(() => String, { description: 'Who owns it.' })
  owner: string;
}

@Resolver()
class OwnerResolver {
  @Query(() => String, { description: 'Says hello.' })
  hello(): string {
    return 'hello';
  }
}

const context: RequestContext = { identity: null, requestId: 'test' };
const run = (schema: GraphQLSchema, query: string, variableValues = {}) =>
  execute({ schema, document: parse(query), contextValue: context, variableValues });

const houses = () =>
  buildFederatedSchema({
    resolvers: [HouseResolver],
    references: { House: (reference: { id: string }) => (reference.id === 'gone' ? null : makeHouse(reference.id)) },
  });
const owners = () =>
  buildFederatedSchema({
    resolvers: [OwnerResolver],
    orphanedTypes: [OwnedHouse],
    references: {
      House: ({ id }: { id: string }, { requestId }) => Object.assign(new OwnedHouse(), { id, owner: requestId }),
    },
  });

describe('buildFederatedSchema', () => {
  it('runs circular types, unions and enums', async () => {
    const { schema } = await houses();
    const query =
      '{ a: house(id: "1") { ... on House { colour rooms { name house { id } } } } b: house(id: "none") { __typename } }';
    expect(await run(schema, query)).toEqual({
      data: {
        a: {
          colour: 'RED',
          rooms: [
            { name: 'kitchen', house: { id: '1' } },
            { name: 'hall', house: { id: '1' } },
          ],
        },
        b: { __typename: 'Missing' },
      },
    });
  });

  it('resolves references with the caller’s context, null where there is no entity', async () => {
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on House { id } } }';
    const of = [
      { __typename: 'House', id: '7' },
      { __typename: 'House', id: 'gone' },
    ];
    expect((await run((await houses()).schema, query, { of })).data).toEqual({
      _entities: [{ __typename: 'House', id: '7' }, null],
    });
    const owned = await run((await owners()).schema, query.replace('{ id }', '{ owner }'), { of: of.slice(0, 1) });
    expect(owned.data).toEqual({ _entities: [{ __typename: 'House', owner: 'test' }] });
  });

  it('keeps subscriptions alive', async () => {
    const { schema } = await houses();
    const stream = await subscribe({ schema, document: parse('subscription { built { id } }'), contextValue: context });
    const ids: unknown[] = [];
    for await (const { data } of stream as AsyncIterable<{ data: { built: { id: string } } }>) ids.push(data.built.id);
    expect(ids).toEqual(['one', 'two']);
  });

  it('prints descriptions and directives, and nothing of another subgraph', async () => {
    const [first, second] = [(await houses()).sdl, (await owners()).sdl];
    expect(first).toContain('type House @key(fields: "id")');
    expect(first).toContain('"""Warm."""');
    expect(first).not.toContain('owner');
    expect(second).not.toContain('colour');
  });

  it('refuses a key without a reference resolver', async () => {
    await expect(buildFederatedSchema({ resolvers: [HouseResolver], references: {} })).rejects.toThrow(/House/);
  });

  it('asks for no reference resolver where a key only names an entity of another subgraph', async () => {
    @ObjectType('House', { description: 'A house elsewhere.' })
    @Directive('@key(fields: "id", resolvable: false)')
    class HouseElsewhere {
      @Field(() => ID, { description: 'Its id.' })
      id: string;
    }
    const { schema } = await buildFederatedSchema({
      resolvers: [OwnerResolver],
      orphanedTypes: [HouseElsewhere],
      references: {},
    });
    expect(schema.getType('House')).toBeDefined();
    expect(schema.getQueryType()?.getFields()._entities).toBeUndefined();
  });

  it('composes with others into a supergraph and an API', async () => {
    const { apiSdl, supergraphSdl } = composeSupergraph([
      { name: 'houses', sdl: (await houses()).sdl },
      { name: 'house-owners', sdl: (await owners()).sdl },
    ]);
    const house = /type House \{[^}]*\}/.exec(apiSdl)?.[0];
    expect(house).toContain('rooms');
    expect(house).toContain('owner');
    expect(apiSdl).toContain('Its colour.');
    expect(supergraphSdl).toContain('@join__graph(name: "house-owners"');
  });

  it('names every contradiction between subgraphs', async () => {
    const { sdl } = await houses();
    const contradicting = sdl.replace('colour: Colour!', 'colour: Int!');
    expect(() =>
      composeSupergraph([
        { name: 'a', sdl },
        { name: 'b', sdl: contradicting },
      ]),
    ).toThrow(/colour/);
  });
});
