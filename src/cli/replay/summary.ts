/** The summary of a replay as a table. */
import type { ReplaySummary } from '../../adapters/feeds/replay.js';
import { formatCount, formatDuration, layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';

const SHOWN_MISSES = 10;

export function printSummary(summary: ReplaySummary, symbol: string, terminal: Terminal): void {
  const { paint } = terminal;
  const { executions } = summary;
  const rows: [string, string][] = [
    ['Instrument', symbol],
    ['Messages', formatCount(summary.events)],
    [
      'Orders',
      `${formatCount(summary.orders)} and ${formatCount(summary.syntheticOrders)} for what the file did not add`,
    ],
    ['Replaced, canceled', `${formatCount(summary.replaces)}, ${formatCount(summary.cancels)}`],
    ['Fills', formatCount(summary.fills)],
    ['Refused', countsOf(summary.rejects)],
    ['Without effect', countsOf(summary.withoutEffect)],
    ['Same resting order', ratioOf(executions)],
    ['Executions of earlier orders', formatCount(executions.ofEarlierOrders)],
    ['Unreadable lines', formatCount(summary.badLines)],
    [
      'Duration',
      `${formatDuration(summary.durationMs)}, ${formatCount(Math.round(summary.eventsPerSecond))} messages/s`,
    ],
  ];
  for (const line of layOut(rows.map(([name, value]) => [paint.dim(name), value]))) terminal.print(line);
  for (const miss of executions.misses.slice(0, SHOWN_MISSES)) {
    const met = miss.met.length === 0 ? 'nothing' : miss.met.join(', ');
    terminal.print(`line ${miss.line}: order ${miss.expected} expected, ${met} met: ${miss.explanation}`);
  }
  if (executions.misses.length > SHOWN_MISSES) {
    terminal.print(`… and ${executions.misses.length - SHOWN_MISSES} more (--json tells all)`);
  }
  for (const sample of summary.badLineSamples) terminal.report(`${terminal.paintError.yellow('unreadable')} ${sample}`);
  if (summary.aborted) terminal.report(terminal.paintError.yellow('The replay was ended before the file was.'));
}

function ratioOf({ ofRecordedOrders, sameRestingOrder, ratio }: ReplaySummary['executions']): string {
  if (ratio === null) return 'no executions of recorded orders';
  return `${sameRestingOrder} of ${ofRecordedOrders} executions (${(ratio * 100).toFixed(1)} %)`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return 'none';
  return entries.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ');
}
