// `npm run codegen`: types and documents of schema/operations into src/client/__generated__; `-- --check` only compares.
import { generateOperations } from './lib/codegen.mjs';

const check = process.argv.includes('--check');
const differing = await generateOperations({ check });
process.exitCode = check && differing > 0 ? 1 : 0;
