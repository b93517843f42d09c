/** The committed API contract, beside the sources and beside dist/. */
import { join, resolve } from 'node:path';

/** Returns the absolute path of a file of schema/. */
export function schemaPath(file: string): string {
  const here = import.meta.dirname;
  const root = here.includes(join('dist', 'src')) ? resolve(here, '../../..') : resolve(here, '../..');
  return join(root, 'schema', file);
}
