/**
 * The table of attacks and answers in docs/security.md, row by row against the started platform in production mode.
 *
 * That no attack stalls the process is measured in its own processor time, which the load of the machine does not touch: between
 * two looks at a request's end the event loop cannot have been held for longer than the process has run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENT_ATTACKS } from './attacks/documents.js';
import { IDENTITY_ATTACKS } from './attacks/identity.js';
import { SESSION_ATTACKS } from './attacks/sessions.js';
import { startTarget, type Target } from './attacks/target.js';
import { TRANSPORT_ATTACKS } from './attacks/transport.js';

const ATTACKS = [...DOCUMENT_ATTACKS, ...TRANSPORT_ATTACKS, ...IDENTITY_ATTACKS, ...SESSION_ATTACKS];
const MAX_STALL_S = 0.25;
const MAX_GROWTH_BYTES = 250_000_000;

describe('The platform in production mode', () => {
  let target: Target;
  let bytesAtFirst = 0;
  beforeAll(async () => {
    target = await startTarget();
    bytesAtFirst = await target.residentBytes();
  }, 90_000);
  afterAll(() => target?.stop());

  it('has an answer to each attack that docs/security.md lists, and lists each that it has an answer to', () => {
    const page = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');
    const table = page.slice(page.indexOf('## Attacks'));
    const listed = table.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:attack|---)/.test(line));
    expect(listed).toEqual(ATTACKS.map(({ attack, answer }) => `| ${attack} | ${answer} |`));
  });

  it.each(ATTACKS.map((attack) => [attack.attack, attack] as const))(
    '%s',
    async (_name, { run }) => {
      target.moveOn();
      await run(target);
      target.moveOn();
      // Alive, and as it was.
      expect((await target.ask('{ instruments { symbol } }')).data).toEqual({ instruments: [{ symbol: 'KO' }] });
    },
    60_000,
  );

  it('is not held up by the dearest single request of any kind', async () => {
    const dear = [
      JSON.stringify({ query: `{ ${'instruments { symbol ticker { bidPx } } '.repeat(90)} }` }),
      JSON.stringify({ query: `{ instruments { ${'... on Instrument { symbol } '.repeat(150)} } }` }),
      JSON.stringify({ query: `{ ${'a '.repeat(49_000)} }` }),
      JSON.stringify({ query: '{ __typename }', variables: { x: 'y'.repeat(99_000) } }),
      `{"query":"{ __typename }","variables":{"x":${'['.repeat(49_000)}${']'.repeat(49_000)}}}`,
      JSON.stringify({ query: `{ instruments { symbol } }${' # '.repeat(30_000)}` }),
    ];
    for (const body of dear) {
      target.moveOn();
      const before = await target.cpuSeconds();
      await target.post(body);
      const used = (await target.cpuSeconds()) - before;
      expect(used).toBeLessThan(MAX_STALL_S);
    }
  }, 60_000);

  it('has not grown by more than its caches may hold, now that all of that has been', async () => {
    expect(bytesAtFirst).toBeGreaterThan(0);
    expect((await target.residentBytes()) - bytesAtFirst).toBeLessThan(2 * MAX_GROWTH_BYTES);
  });

  it('does not grow without bound under all of that, over and over', async () => {
    const once = async () => {
      for (let n = 0; n < 300; n += 1) {
        target.moveOn();
        await target.ask(`{ a${n}_${Math.random()}: __typename ${'__typename '.repeat(n % 20)} }`);
      }
    };
    await once();
    const before = await target.residentBytes();
    await once();
    await once();
    expect((await target.residentBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  }, 120_000);

  it('says nothing of its inside in what it answered, and stops in order', async () => {
    expect(target.platform.output()).not.toMatch(/unhandled|uncaught|Maximum call stack|invariant/i);
  });
});
