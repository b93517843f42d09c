/** File operations that survive a power cut: content first, then its name. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes names that were created, renamed or removed in the folder durable. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows can't open a folder, and makes names durable by itself.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder, and those above it where they are missing, readable by its owner only; their names are durable. */
export async function makeDirectoryDurably(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = resolve(directory); made !== top; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Puts the file in place as a whole or not at all: written beside its name, synced, renamed, folder synced. */
export async function writeFileDurably(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
