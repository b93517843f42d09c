// `npm run schema`: emits the API contract into schema/; `-- --check` only compares.
import { build } from './lib/build.mjs';

await build({ log: () => undefined });
const { main } = await import('../dist/src/runtime/emit-schema.js');
process.exit(await main(process.argv.slice(2)));
