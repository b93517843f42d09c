import type { AuditEntry, AuditFilter } from '../../ports/audit-store.js';
import { openDatabase } from './index.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const ANYTHING: AuditFilter = {
  userId: null,
  credentialId: null,
  address: null,
  action: null,
  result: null,
  fromUs: null,
  toUs: null,
};

const entry = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  entry: `writer/${number}`,
  timeUs: number * 1_000_000,
  requestId: `r${number}`,
  userId: 'ann',
  credentialKind: 'SESSION',
  credentialId: 's1',
  address: '127.0.0.1',
  action: 'placeOrder',
  arguments: '{}',
  result: 'PlaceOrderSuccess',
  ...more,
});

describe('the audit log in PostgreSQL', () => {
  let server: TestServer;
  let url: string;
  let database: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    server = await startTestServer();
    url = await server.createDatabase();
    database = await openDatabase({ url, dataDir: server.dataDir, log: silent });
  }, 60_000);
  afterAll(async () => {
    await database?.stop();
    await server?.stop();
  });

  const numbers = async (filter: Partial<AuditFilter>, before: number | null = null, limit = 100) =>
    (await database.auditLog.page({ ...ANYTHING, ...filter }, before, limit)).map(({ requestId }) => requestId);

  it('keeps entries once, whole, newest first, by page and by filter', async () => {
    const odd = {
      arguments: '{"name":"\u0000 \ud800 é"}',
      address: null,
      credentialId: null,
      credentialKind: null,
    } as const;
    const entries = [
      entry(1),
      entry(2, { action: 'cancelOrder', result: 'FORBIDDEN', userId: 'bob' }),
      entry(3, { ...odd, userId: null, result: 'UNAUTHENTICATED' }),
      entry(4, { address: '10.0.0.1', credentialId: 'k1', credentialKind: 'API_KEY' }),
    ];
    await database.auditLog.append(entries);
    await database.auditLog.append(entries.slice(2));
    expect(await numbers({})).toEqual(['r4', 'r3', 'r2', 'r1']);
    const [newest, third] = await database.auditLog.page(ANYTHING, null, 2);
    expect(newest).toEqual({ ...entries[3], id: expect.any(Number) });
    expect(third).toMatchObject({ userId: null, credentialKind: null, arguments: '{"name":"\ufffd \ufffd é"}' });
    expect(await numbers({}, third?.id ?? null)).toEqual(['r2', 'r1']);
    expect(await numbers({ userId: 'ann' })).toEqual(['r4', 'r1']);
    expect(await numbers({ result: 'FORBIDDEN', action: 'cancelOrder' })).toEqual(['r2']);
    expect(await numbers({ credentialId: 'k1', address: '10.0.0.1' })).toEqual(['r4']);
    expect(await numbers({ fromUs: 2_000_000, toUs: 4_000_000 })).toEqual(['r3', 'r2']);
    expect(await numbers({ userId: "' OR 1=1 --" })).toEqual([]);
  });

  it.each(["UPDATE audit_log SET result = 'OK'", 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
    'refuses %s, whoever asks',
    async (statement) => {
      const before = await numbers({});
      await expect(query(url, statement)).rejects.toThrow(/audit_log is only added to/);
      expect(await numbers({})).toEqual(before);
    },
  );
});
