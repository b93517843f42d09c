// `npm run schema`: emits schema/ from the code, and what is made of it; `-- --check` only compares.
import { build } from './lib/build.mjs';
import { generateOperations } from './lib/codegen.mjs';

await build({ log: () => undefined });
const { main } = await import('../dist/src/runtime/emit-schema.js');
const code = await main(process.argv.slice(2));
const check = process.argv.includes('--check');
const differing = await generateOperations({ check });
process.exit(check && differing > 0 ? 1 : code);
