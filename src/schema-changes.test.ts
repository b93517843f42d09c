/** The API contract beside what clients were promised: the last release, and the core that must hold under these very names. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql';
import { PlaceOrderDocument } from './client/__generated__/graphql.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const api = buildSchema(read('schema/api.graphql'));

interface AcceptedBreak {
  /** As the failing test names it. */
  readonly change: string;
  readonly why: string;
}

/** Every change that breaks a client of the old schema, as a sentence. */
async function breaksOf(before: GraphQLSchema, after: GraphQLSchema): Promise<string[]> {
  const changes = await diff(before, after);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message)
    .sort();
}

describe('The API', () => {
  it('breaks nothing of the last release but what is accepted, each with its reason', async () => {
    const accepted = JSON.parse(read('schema/accepted-breaks.json')) as AcceptedBreak[];
    expect(accepted.filter(({ why }) => why.trim().length < 10)).toEqual([]);
    const breaks = await breaksOf(buildSchema(read('schema/released.graphql')), api);
    expect(breaks).toEqual(accepted.map(({ change }) => change).sort());
  });

  it('would be found to break by a field that goes, a type that changes, an argument that becomes required', async () => {
    const before = buildSchema('type Query { a: Int b: Int! c(x: Int): Int }');
    const after = buildSchema('type Query { b: Int c(x: Int!): Int d: Int }');
    expect(await breaksOf(before, after)).toHaveLength(3);
    expect(await breaksOf(after, before)).not.toHaveLength(0);
    expect(await breaksOf(before, buildSchema('type Query { a: Int b: Int! c(x: Int, y: Int): Int e: Int }'))).toEqual(
      [],
    );
  });

  it('answers every operation of schema/operations, which are what typed clients send', () => {
    const folder = 'schema/operations';
    const files = readdirSync(join(root, folder));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(validate(api, parse(read(join(folder, file))))).toEqual([]);
    expect(PlaceOrderDocument.toString()).toContain('placeOrder(input: $input)');
  });

  // The core is kept beside the repo where several projects share it; without it there is nothing to compare with.
  const core = join(root, '..', 'shared', 'contract.graphql');
  if (!existsSync(core)) process.stderr.write('left out: there is no contract.graphql beside the repo\n');
  else {
    it('contains the core that it must, under the same names and types', async () => {
      expect(await breaksOf(buildSchema(readFileSync(core, 'utf8')), api)).toEqual([]);
    });
  }
});
