/** Secrets by file, as orchestrators mount them: NAME_FILE names a file whose content is the value of NAME. */
import { readFileSync } from 'node:fs';

/** Variables that may come from a file. */
export const SECRET_VARIABLES = [
  'DATABASE_URL',
  'NATS_PASSWORD',
  'TRADSYS_JWT_SECRET',
  'TRADSYS_INTERNAL_SECRET',
  'TRADSYS_METRICS_TOKEN',
] as const;

export const fileVariable = (name: string): string => `${name}_FILE`;

/**
 * Completes the environment by the files that it names.
 * @throws Error naming the variable whose file cannot be read, or which is set twice
 */
export function withSecretFiles(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const complete: Record<string, string | undefined> = { ...environment };
  for (const name of SECRET_VARIABLES) {
    const path = environment[fileVariable(name)];
    if (path === undefined || path === '') continue;
    if (environment[name] !== undefined && environment[name] !== '') {
      throw new Error(`${fileVariable(name)}: ${name} is set as well; set one of them`);
    }
    try {
      complete[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      throw new Error(`${fileVariable(name)}: the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  return complete;
}
