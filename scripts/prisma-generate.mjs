/**
 * Generates the Prisma client from prisma/schema.prisma into src/adapters/postgres/__generated__, without any download.
 * The build and the test runner call it when its inputs changed.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './lib/process.mjs';
import { binOf, projectRoot } from './lib/project.mjs';

// What a former schema had and this one doesn't must not linger.
rmSync(join(projectRoot, 'src', 'adapters', 'postgres', '__generated__'), { recursive: true, force: true });
const { code, output } = await run(process.execPath, [binOf('prisma', 'prisma'), 'generate', '--no-hints'], {
  cwd: projectRoot,
  env: {
    // Prisma fetches its schema engine before any command unless it is told of one; generating never calls it, so that
    // any executable will do.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  },
});
if (code !== 0) {
  console.error(output.trim());
  process.exitCode = 1;
}
