/** What holds for the committed API contract in schema/, whoever changed it last. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ASTNode, buildSchema, parse, type StringValueNode, validateSchema, visit } from 'graphql';
import { composeSupergraph } from './graphql/compose.js';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'schema');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const subgraphFiles = readdirSync(join(folder, 'subgraphs')).sort();

const DESCRIBED = new Set([
  'ObjectTypeDefinition',
  'InterfaceTypeDefinition',
  'UnionTypeDefinition',
  'ScalarTypeDefinition',
  'EnumTypeDefinition',
  'EnumValueDefinition',
  'InputObjectTypeDefinition',
  'InputValueDefinition',
  'FieldDefinition',
]);
/** The root types are GraphQL's own words, and these names are the federation specification's. */
const SELF_EXPLANATORY = /^(?:Query|Mutation|Subscription|_\w+|(?:link|federation|join)__\w+)$/;

const nameOf = (node: ASTNode): string | undefined =>
  'name' in node && node.name?.kind === 'Name' ? node.name.value : undefined;

/** Every element without a description, as `Type.field(argument)` would be found in the file. */
function undescribed(sdl: string): string[] {
  const missing: string[] = [];
  visit(parse(sdl), {
    DirectiveDefinition: () => false,
    enter(node, _key, _parent, _path, ancestors) {
      const name = nameOf(node);
      if (!DESCRIBED.has(node.kind) || name === undefined) return undefined;
      if (SELF_EXPLANATORY.test(name)) return name.startsWith('_') || name.includes('__') ? false : undefined;
      const { description } = node as { description?: StringValueNode };
      const above = ancestors.flatMap((each) => (Array.isArray(each) ? [] : (nameOf(each as ASTNode) ?? [])));
      if (!description?.value.trim()) missing.push([...above, name].join('.'));
      return undefined;
    },
  });
  return missing;
}

describe('The API contract', () => {
  it('is a valid schema', () => {
    expect(validateSchema(buildSchema(read('api.graphql')))).toEqual([]);
  });

  it.each(['api.graphql', ...subgraphFiles.map((file) => `subgraphs/${file}`)])(
    'describes every element of %s',
    (file) => {
      expect(undescribed(read(file))).toEqual([]);
    },
  );

  it('is what its subgraphs compose to', () => {
    const subgraphs = subgraphFiles.map((file) => ({
      name: file.replace(/\.graphql$/, ''),
      sdl: read(`subgraphs/${file}`),
    }));
    const { supergraphSdl, apiSdl } = composeSupergraph(subgraphs);
    expect(read('supergraph.graphql').trim()).toBe(supergraphSdl.trim());
    expect(read('api.graphql').trim()).toBe(apiSdl.trim());
  });

  it('finds an element that is not described', () => {
    expect(undescribed('"a" type A { b(c: Int): Int } enum E { "v" V W } type Query { "x" x: Int y: Int }')).toEqual([
      'A.b',
      'A.b.c',
      'E',
      'E.W',
      'Query.y',
    ]);
  });
});
