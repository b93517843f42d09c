/** Lets a plain node process run the sources: `./x.js` is `./x.ts`, compiled by swc as in the build. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const options = JSON.parse(readFileSync(new URL('../../../.swcrc', import.meta.url), 'utf8'));

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const source = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
    if (existsSync(source)) return { url: source.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { $schema: _, ...settings } = options;
  const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
    ...settings,
    swcrc: false,
    filename: url,
  });
  return { format: 'module', source: code, shortCircuit: true };
}
