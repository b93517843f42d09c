/** `npm run build`: brings dist/ up to date; `--clean` starts from nothing. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { projectRoot } from './lib/project.mjs';

if (process.argv.includes('--clean')) rmSync(join(projectRoot, 'dist'), { recursive: true, force: true });
try {
  const { written, removed } = await build({ log: (line) => console.log(line) });
  if (written + removed === 0) console.log('Up to date.');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
