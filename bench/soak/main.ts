/**
 * `npm run soak [-- --seconds 60] [--subscribers 1000]`: a platform of its own, a thousand subscribers of which one in a
 * hundred stops reading, and what that does to its memory and to the others. Exit code 1 when something does not hold:
 * a live reader's book breaks or starves, a stalled reader is open after 30 s, or memory grows without end.
 */
import { parseArgs } from 'node:util';
import { type SoakReport, soak } from './soak.js';

const USAGE = 'npm run soak -- [--seconds 10..3600] [--subscribers 100..5000] [--json]\n';

function whole(text: string, low: number, high: number): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value >= low && value <= high ? value : null;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      subscribers: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
    },
  });
  const seconds = whole(values.seconds, 10, 3600);
  const subscribers = whole(values.subscribers, 100, 5000);
  if (seconds === null || subscribers === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const report: SoakReport = await soak({ seconds, subscribers }, (line) => {
    if (!values.json) process.stdout.write(`${line}\n`);
  });
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else
    for (const { what, holds, found } of report.claims)
      process.stdout.write(`${holds ? '✓' : '✗'} ${what}: ${found}\n`);
  return report.claims.every(({ holds }) => holds) ? 0 : 1;
}

process.exitCode = await main();
