/** Types and documents of the operations in schema/operations, for typed clients, into src/client/__generated__. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { projectRoot } from './project.mjs';

const folder = 'src/client/__generated__';

/** @type {import('@graphql-codegen/cli').CodegenConfig} */
const config = {
  cwd: projectRoot,
  schema: 'schema/api.graphql',
  documents: 'schema/operations/*.graphql',
  silent: true,
  generates: {
    [`${folder}/`]: {
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        skipTypename: true,
        strictScalars: true,
        scalars: { Decimal: 'string', DateTime: 'string', SafeInt: 'number', Cursor: 'string', JSON: 'unknown' },
      },
    },
  },
  // Under Node's ES modules a relative import names its file.
  emitLegacyCommonJSImports: false,
};

/** Writes what differs, or with `check` only says so. Returns how many files differ. */
export async function generateOperations({ check }) {
  let differing = 0;
  for (const { filename, content } of await generate(config, false)) {
    const file = join(projectRoot, filename);
    const committed = await readFile(file, 'utf8').catch(() => '');
    if (committed === content) continue;
    differing += 1;
    if (check) {
      process.stderr.write(`${filename} is not what schema/ says; run: npm run codegen\n`);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    process.stdout.write(`${filename} written\n`);
  }
  return differing;
}
