import { DEVELOPMENT_RATES, PRODUCTION_RATES } from '../ports/router-limits.js';
import { ConfigError, loadConfig } from './config.js';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';

describe('loadConfig', () => {
  it('gives development defaults on an empty environment', () => {
    const config = loadConfig({}, {});
    expect(config).toMatchObject({ production: false, port: 4000, host: '127.0.0.1', demo: true, simulator: true });
    expect(config.dataDir.endsWith('.tradsys')).toBe(true);
  });

  it('keeps all of history but the shortest candles, unless it is told otherwise', () => {
    expect(loadConfig({}, {}).retention).toEqual({
      trades: null,
      execution_reports: null,
      candles_s1: 7,
      candles_s5: 30,
      candles_long: null,
      imported_candles: null,
      imported_trades: null,
    });
    const environment = { TRADSYS_RETENTION_TRADES_DAYS: '90', TRADSYS_RETENTION_CANDLES_S1_DAYS: '0' };
    expect(loadConfig({}, environment).retention).toMatchObject({ trades: 90, candles_s1: null });
  });

  it('follows no other venue unless one is named, and names what its settings lack', () => {
    expect(loadConfig({}, {}).referenceFeed).toBeNull();
    const environment = {
      TRADSYS_FEED_EXCHANGE: 'kraken',
      TRADSYS_FEED_MARKETS: 'BTC-USD=BTC/USD, ETH-USD=ETH/USD',
      TRADSYS_FEED_INTERVALS: 'D1,M5',
    };
    expect(loadConfig({}, environment).referenceFeed).toEqual({
      exchangeId: 'kraken',
      markets: [
        { symbol: 'BTC-USD', venueSymbol: 'BTC/USD' },
        { symbol: 'ETH-USD', venueSymbol: 'ETH/USD' },
      ],
      intervals: ['M5', 'D1'],
      address: null,
      staleMs: 30_000,
    });
    expect(() => loadConfig({}, { TRADSYS_FEED_EXCHANGE: 'kraken' })).toThrow(
      /TRADSYS_FEED_MARKETS: takes 1 to 50 pairs/,
    );
    const bad = { ...environment, TRADSYS_FEED_MARKETS: 'BTC-USD', TRADSYS_FEED_INTERVALS: 'M2' };
    expect(() => loadConfig({}, bad)).toThrow(/"BTC-USD" is no pair.*\n.*"M2" is none of S1/);
  });

  it('lets the command line win over the environment', () => {
    expect(loadConfig({ port: 4100 }, { PORT: '4200' }).port).toBe(4100);
  });

  it('treats an empty variable as absent', () => {
    expect(loadConfig({}, { DATABASE_URL: '', PORT: '' })).toMatchObject({ databaseUrl: null, port: 4000 });
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['DATABASE_URL', 'mysql://x'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
    ['TRADSYS_JWT_SECRET', 'short'],
    ['TRADSYS_SIMULATOR', 'maybe'],
    ['TRADSYS_RETENTION_TRADES_DAYS', '1'],
    ['TRADSYS_FEED_EXCHANGE', '../kraken'],
    ['TRADSYS_FEED_MARKETS', 'BTC-USD=BTC/USD'],
    ['TRADSYS_FEED_ADDRESS', 'ftp://mirror'],
    ['TRADSYS_FEED_STALE_MS', '1'],
    ['NATS_URL', 'nats://127.0.0.1:4222'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => loadConfig({}, { [name]: value })).toThrow(new RegExp(`^Configuration refused:\\n {2}${name}: `));
  });

  it('never repeats a secret in its message', () => {
    expect(() => loadConfig({}, { TRADSYS_JWT_SECRET: 'hunter2' })).toThrow(ConfigError);
    expect(() => loadConfig({}, { TRADSYS_JWT_SECRET: 'hunter2' })).not.toThrow(/hunter2/);
  });

  it('lets a developer’s own pages call, and in production only those that are listed', () => {
    expect(loadConfig({}, {}).allowedOrigins).toContain('http://localhost:*');
    const environment = {
      NODE_ENV: 'production',
      TRADSYS_JWT_SECRET: SECRET,
      TRADSYS_ALLOWED_ORIGINS: 'https://desk.example.com, https://ops.example.com',
    };
    expect(loadConfig({}, environment).allowedOrigins).toEqual(['https://desk.example.com', 'https://ops.example.com']);
  });

  it('takes each limit of the router from a variable of its name, within its bounds', () => {
    const { limits } = loadConfig(
      {},
      { TRADSYS_LIMIT_MAX_DEPTH: '7', TRADSYS_LIMIT_CONNECTION_INIT_TIMEOUT_MS: '500' },
    );
    expect(limits).toMatchObject({ maxDepth: 7, connectionInitTimeoutMs: 500, maxTokens: 1_000 });
    expect(() => loadConfig({}, { TRADSYS_LIMIT_MAX_TOKENS: '1001' })).toThrow(/TRADSYS_LIMIT_MAX_TOKENS/);
  });

  it('limits rates in production, and in development where asked', () => {
    expect(loadConfig({}, { TRADSYS_RATE_ORDER_ENTRY: '7' }).rates).toEqual({ ...DEVELOPMENT_RATES, orderEntry: 7 });
    const production = { NODE_ENV: 'production', TRADSYS_JWT_SECRET: SECRET, TRADSYS_RATE_QUERIES: '9' };
    expect(loadConfig({}, production).rates).toEqual({ ...PRODUCTION_RATES, queries: 9 });
    expect(() => loadConfig({}, { TRADSYS_RATE_QUERIES: '0' })).toThrow(/TRADSYS_RATE_QUERIES/);
  });

  describe('in production', () => {
    it('refuses to start without a secret, naming the variable', () => {
      expect(() => loadConfig({}, { NODE_ENV: 'production' })).toThrow(/TRADSYS_JWT_SECRET/);
    });

    it('has no demo users, no simulator and no GraphiQL, whatever is asked', () => {
      const config = loadConfig(
        { simulator: true },
        { NODE_ENV: 'production', TRADSYS_JWT_SECRET: SECRET, TRADSYS_SIMULATOR: 'on', TRADSYS_GRAPHIQL: 'on' },
      );
      expect(config).toMatchObject({ demo: false, simulator: false, graphiql: false, production: true });
    });

    it('refuses a wildcard origin', () => {
      const environment = { NODE_ENV: 'production', TRADSYS_JWT_SECRET: SECRET, TRADSYS_ALLOWED_ORIGINS: '*' };
      expect(() => loadConfig({}, environment)).toThrow(/TRADSYS_ALLOWED_ORIGINS/);
    });
  });

  describe('for one role', () => {
    const bus = { NATS_URL: 'nats://bus:4222', DATABASE_URL: 'postgresql://db/tradsys' };

    it('names each variable that the role lacks', () => {
      expect(() => loadConfig({ role: 'engine' }, {})).toThrow(
        /NATS_URL: the role engine[\s\S]*DATABASE_URL: the role engine/,
      );
      expect(() => loadConfig({ role: 'orders' }, bus)).toThrow(/TRADSYS_INTERNAL_SECRET/);
      expect(() => loadConfig({ role: 'router' }, {})).toThrow(/TRADSYS_JWT_SECRET[\s\S]*TRADSYS_INTERNAL_SECRET/);
      const subgraph = { ...bus, TRADSYS_INTERNAL_SECRET: SECRET };
      expect(() => loadConfig({ role: 'accounts' }, subgraph)).toThrow(/TRADSYS_JWT_SECRET: the role accounts/);
      expect(loadConfig({ role: 'risk' }, subgraph).jwtSecret).toBeNull();
      expect(() => loadConfig({}, { ...bus, TRADSYS_ROLE: 'broker' })).toThrow(/TRADSYS_ROLE/);
      expect(() => loadConfig({ role: 'engine' }, { ...bus, NATS_KEY_FILE: 'key.pem' })).toThrow(/NATS_CERT_FILE/);
    });

    it('takes the role from the environment, and addresses of the others by their names', () => {
      const { services } = loadConfig({}, { ...bus, TRADSYS_ROLE: 'engine', TRADSYS_ENGINE_ID: 'a' });
      expect(services).toMatchObject({ role: 'engine', engineId: 'a', nats: { url: 'nats://bus:4222', user: null } });
      expect(services?.subgraphUrls['market-data']).toBe('http://market-data:4000');
    });

    it('refuses a secret whose file cannot be read, by its variable and not by its content', () => {
      expect(() => loadConfig({}, { TRADSYS_JWT_SECRET_FILE: '/nowhere/secret' })).toThrow(
        /TRADSYS_JWT_SECRET_FILE: the file cannot be read \(ENOENT\)/,
      );
      const twice = { TRADSYS_JWT_SECRET_FILE: '/nowhere/secret', TRADSYS_JWT_SECRET: SECRET };
      expect(() => loadConfig({}, twice)).toThrow(/TRADSYS_JWT_SECRET_FILE: TRADSYS_JWT_SECRET is set as well/);
    });
  });
});
