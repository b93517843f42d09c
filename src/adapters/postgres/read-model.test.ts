import { describeHistory } from '../../ports/history.contract.js';
import { describeReadModelStore, type ReadModelFixture } from '../../ports/read-model-store.contract.js';
import { openDatabase } from './index.js';
import { silent, startTestServer, type TestServer } from './testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function createFixture(): Promise<ReadModelFixture> {
  const database = await openDatabase({ url: await server.createDatabase(), dataDir: server.dataDir, log: silent });
  return { store: database.readModelStore, history: database.history, dispose: () => database.stop() };
}

describeReadModelStore('PostgreSQL', createFixture);
describeHistory('PostgreSQL', createFixture);
