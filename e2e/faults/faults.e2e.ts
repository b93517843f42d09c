/** Faults under load: what breaks comes back, and nothing that was acknowledged is lost, doubled or wrong. */
import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDataDir, removeDataDir } from '../support/platform.js';
import { leaderOf, type Service, type Services, startServices } from '../support/services.js';
import { type Answered, Load } from './load.js';
import { verify } from './verify.js';

const SEED = Number(process.env.TRADSYS_FAULTS_SEED ?? randomInt(1_000_000));
/** Far above the few seconds that a takeover needs: a busy machine is not a fault. */
const RECOVERED_WITHIN_MS = 60_000;
const ENOUGH = 20;

describe(`The platform as services, seed ${SEED}`, () => {
  let dataDir: string;
  let services: Services;
  const answered: Answered[] = [];

  beforeAll(async () => {
    dataDir = await makeDataDir();
    services = await startServices({ dataDir });
  }, 120_000);

  afterAll(async () => {
    await services?.stop();
    await removeDataDir(dataDir);
  }, 60_000);

  const service = (name: string): Service => {
    const found = services.roles.get(name);
    if (found === undefined) throw new Error(`no role ${name}`);
    return found;
  };

  async function leader(): Promise<Service> {
    const name = await leaderOf(services.urls);
    if (name === null) throw new Error('no engine leads');
    return service(name);
  }

  /** Trades, breaks something, trades again, and compares everything. */
  async function under(name: string, fault: () => Promise<void>): Promise<void> {
    const load = new Load(services, `${name}-${SEED}`, SEED);
    try {
      await load.untilAnswered(ENOUGH, RECOVERED_WITHIN_MS);
      await fault();
      await load.untilAnswered(ENOUGH, RECOVERED_WITHIN_MS);
    } finally {
      await load.stop();
      answered.push(...load.answered);
    }
    await services.ready();
    await verify(services, answered);
  }

  it('a leader that is killed is followed, with every acknowledged order', async () => {
    await under('kill-leader', async () => (await leader()).kill(false));
  }, 180_000);

  it('a leader that is paused and comes back writes nothing and ends', async () => {
    const paused = await leader();
    const exits = paused.exits.length;
    await under('pause-leader', async () => {
      paused.signal('SIGSTOP');
      await sleep(6_000);
      paused.signal('SIGCONT');
    });
    expect(paused.exits.slice(exits)).toEqual([1]);
    expect(paused.output).toContain('another engine has taken the lead');
  }, 180_000);

  it('NATS that is killed and wiped costs time and no order', async () => {
    await under('wipe-nats', async () => {
      await services.nats.kill();
      await rm(services.natsStore, { recursive: true, force: true });
      services.nats.start();
    });
  }, 180_000);

  it('PostgreSQL that is killed comes back, and the leader goes on', async () => {
    await under('kill-postgres', async () => {
      process.kill(services.postgres.pid ?? 0, 'SIGKILL');
      await sleep(500);
    });
  }, 180_000);

  it('any two other roles that are killed at once come back with the same views', async () => {
    await under('kill-two', async () => {
      await Promise.all([service('orders').kill(false), service('projector').kill(false)]);
    });
  }, 180_000);
});
