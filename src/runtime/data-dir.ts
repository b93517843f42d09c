/** Makes the data folder, or says in one line why it cannot be one. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o700;
const MEND = 'Choose a folder that you may write with --data-dir or TRADSYS_DATA_DIR';

/**
 * Makes the folder and those above it that are missing, for their owner only.
 * @throws Error that names the folder, what is wrong with it and the mend
 */
export async function makeDataDir(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: OWNER_ONLY });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return checkIsFolder(folder);
    const parent = dirname(folder);
    // mkdir's own recursion never ends where a folder that exists answers ENOENT, as /proc does: each step asks.
    if (code !== 'ENOENT' || parent === folder || (await exists(parent))) throw explain(folder, code, error);
    await makeDataDir(parent);
    return makeDataDir(folder);
  }
}

async function checkIsFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw explain(folder, codeOf(error), error);
    throw new Error(`the data folder ${folder} is a link to nowhere. Make what it names, or: ${MEND}.`);
  }
  throw new Error(`the data folder cannot be made: ${folder} is a file. ${MEND}.`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw explain(path, codeOf(error), error);
  }
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file stands in its path',
  ENAMETOOLONG: 'the name is too long',
};

function explain(folder: string, code: string, cause: unknown): Error {
  const why = WHY[code];
  return new Error(
    `the data folder ${folder} cannot be made: ${why === undefined ? code : `${why} (${code})`}. ${MEND}.`,
    {
      cause,
    },
  );
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
