/** Emits the API contract into schema/ and the pages of docs/ that tell its errors and limits, or with --check says whether what is committed is what the code says. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { PlatformSources } from '../../subgraphs/platform/subgraph.js';
import { composeSupergraph } from '../graphql/compose.js';
import type { Subgraph } from '../graphql/subgraph.js';
import { errorsPage, limitsPage } from './contract-documents.js';
import { createSubgraphs, type SubgraphDependencies } from './subgraphs.js';

/** A dependency that building a schema must not touch. */
function unwired<T extends object>(name: string): T {
  return new Proxy({} as T, {
    get: (_target, key) => {
      throw new Error(`building the schema touched ${name}.${String(key)}`);
    },
  });
}

/** Returns every subgraph without anything behind it: good for its schema. */
export function createUnwiredSubgraphs(): Promise<readonly Subgraph[]> {
  const dependencies = {
    engine: unwired('engine'),
    feed: unwired('feed'),
    history: unwired('history'),
    strategies: unwired('strategies'),
    identity: unwired('identity'),
    audit: unwired('audit'),
    backtestRunner: unwired('backtestRunner'),
    clock: unwired('clock'),
    imported: unwired('imported'),
    log: () => undefined,
  } as const;
  return createSubgraphs(dependencies as SubgraphDependencies, unwired<PlatformSources>('platform'));
}

/** Returns the files by their path in the repo. */
export async function emitSchema(): Promise<ReadonlyMap<string, string>> {
  const subgraphs = await createUnwiredSubgraphs();
  const { supergraphSdl, apiSdl } = composeSupergraph(subgraphs);
  return new Map([
    ['schema/supergraph.graphql', ended(supergraphSdl)],
    ['schema/api.graphql', ended(apiSdl)],
    ...subgraphs.map(({ name, sdl }) => [`schema/subgraphs/${name}.graphql`, ended(sdl)] as const),
    ['docs/errors.md', errorsPage()],
    ['docs/limits.md', limitsPage()],
  ]);
}

const ended = (text: string) => `${text.trimEnd()}\n`;

/** Runs the command line: writes the files, or checks them. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let differing = 0;
  for (const [path, text] of await emitSchema()) {
    const file = resolve(path);
    const committed = await readFile(file, 'utf8').catch(() => '');
    if (committed === text) continue;
    differing += 1;
    if (argv.includes('--check')) {
      process.stderr.write(`${path} is not what the code says; run: npm run schema\n`);
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      process.stdout.write(`${path} written\n`);
    }
  }
  return argv.includes('--check') && differing > 0 ? 1 : 0;
}
