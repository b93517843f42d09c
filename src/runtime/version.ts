/** The version of package.json, beside the sources and two folders above dist/src. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function readVersion(): string {
  for (const folder of ['../..', '../../..']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, folder, 'package.json'), 'utf8'));
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return 'unknown';
}
