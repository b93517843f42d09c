import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';
import { projectRoot } from './project.mjs';

const generator = join(projectRoot, 'scripts', 'prisma-generate.mjs');
const generated = join(projectRoot, 'src', 'adapters', 'postgres', '__generated__');
const stamp = join(generated, '.inputs.sha256');

/** Hash of all that decides what is generated, so that a start which changes nothing doesn't load Prisma's tools. */
function inputsHash() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'prisma.config.ts', 'scripts/prisma-generate.mjs', 'package-lock.json']) {
    const path = join(projectRoot, file);
    if (existsSync(path)) hash.update(file).update('\0').update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Generates the Prisma client when what it is made from changed. @throws Error with the generator's output. */
export async function generatePrismaClientIfStale() {
  if (!existsSync(generator)) return false;
  const hash = inputsHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const { code, output } = await run(process.execPath, [generator], { cwd: projectRoot });
  if (code !== 0) throw new Error(`Generating the Prisma client failed (exit code ${code}).\n${output}`);
  writeFileSync(stamp, hash);
  return true;
}
