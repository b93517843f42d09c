'use strict';

const { existsSync } = require('node:fs');
const { resolve, sep } = require('node:path');

const IN_PACKAGES = `${sep}node_modules${sep}`;

/**
 * Resolves the project's own `./x.js` to `./x.ts`, as TypeScript's nodenext does. Packages are left alone: several ship
 * their sources beside the build, and a blanket mapping would load those.
 */
function sourceOf(request, basedir) {
  if (!request.startsWith('.') || !request.endsWith('.js') || basedir.includes(IN_PACKAGES)) return undefined;
  const source = resolve(basedir, `${request.slice(0, -3)}.ts`);
  return existsSync(source) ? source : undefined;
}

module.exports = (request, options) => sourceOf(request, options.basedir) ?? options.defaultResolver(request, options);
