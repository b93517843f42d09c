/**
 * A process that trades until it is killed: `node crash-child.ts <folder> <seed>`. It writes one line for each answered
 * command, at once and before anything else happens: command sequence, last event sequence and a digest of its events.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Command } from '../../core/exchange/command.js';
import { openEngine, orderFlow, setUpMarket } from './engine-kit.js';

const [directory = '', seed = '1'] = process.argv.slice(2);
const { engine } = await openEngine(directory, {
  limits: { snapshotEveryCommands: 300 },
  onFatal(error) {
    throw error;
  },
});
if (engine.status.commandSequence === 0) await setUpMarket(engine);
writeSync(1, 'trading\n');
const flow = orderFlow(Number(seed));
for (;;) {
  const wave = Array.from({ length: 20 }, async () => {
    const outcome = await engine.submit(flow.next().value as Command);
    const digest = createHash('sha256').update(JSON.stringify(outcome.events)).digest('hex');
    writeSync(1, `${outcome.commandSequence} ${outcome.lastSequence} ${digest}\n`);
  });
  await Promise.all(wave);
}
