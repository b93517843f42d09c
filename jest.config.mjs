import { readFileSync } from 'node:fs';

const swcOptions = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/** What both projects share: TypeScript as ES modules through swc, relative `.js` imports resolved to their `.ts` source. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcOptions, swcrc: false }] },
  resolver: '<rootDir>/scripts/jest/resolver.cjs',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.tradsys/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  watchPathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.tradsys/', '__generated__'],
};

/** @type {import('jest').Config} */
export default {
  // Two workers keep a two-core machine busy; more only multiplies the memory of the GraphQL libraries.
  maxWorkers: 2,
  testTimeout: 20_000,
  globalSetup: '<rootDir>/scripts/jest/global-setup.mjs',
  coverageProvider: 'v8',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/*.e2e.ts'],
      setupFilesAfterEnv: ['<rootDir>/scripts/jest/e2e-setup.mjs'],
    },
    {
      ...shared,
      displayName: 'services',
      // The others are about one process: its command line, its crash, its embedded database. e2e/faults has their like.
      testMatch: [
        '<rootDir>/e2e/{access,auctions,dashboards,follow-order,identity,order-types,refusals,self-trade-prevention,strategies,streams,trading}.e2e.ts',
      ],
      setupFilesAfterEnv: ['<rootDir>/scripts/jest/e2e-setup.mjs'],
    },
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/e2e/faults/*.e2e.ts'],
      setupFilesAfterEnv: ['<rootDir>/scripts/jest/e2e-setup.mjs'],
    },
  ],
};
