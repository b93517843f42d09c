/** `tradsys status` and `tradsys top`: how a running platform stands, once or as a view that lives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { graphqlAddress, interruptible, type PlatformOptions, tokenOf } from '../platform/access.js';
import { GraphQLClient } from '../platform/client.js';
import { layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';

interface Dependency {
  readonly name: string;
  readonly ready: boolean;
  readonly state: string | null;
  readonly problem: string | null;
  readonly ageS: number;
  readonly details: Readonly<Record<string, unknown>>;
}

interface Stage {
  readonly stage: string;
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

interface Instrument {
  readonly symbol: string;
  readonly tradingStatus: string;
  readonly ticker: {
    readonly bidPx: string | null;
    readonly askPx: string | null;
    readonly lastPx: string | null;
    readonly volume: string;
  } | null;
}

interface Snapshot {
  readonly platformStatus: {
    readonly state: string;
    readonly version: string;
    readonly uptimeS: number;
    readonly dependencies: readonly Dependency[];
  };
  readonly latency: { readonly stages: readonly Stage[] };
  readonly instruments: readonly Instrument[];
}

const STATUS = '{ platformStatus { state version uptimeS dependencies { name ready state problem ageS details } } }';
const TOP = `{
  platformStatus { state version uptimeS dependencies { name ready state problem ageS details } }
  latency(window: MINUTE) { stages { stage count p50Us p99Us maxUs } }
  instruments { symbol tradingStatus ticker { bidPx askPx lastPx volume } }
}`;
const MAX_BOOKS = 20;
/** Home, then clear what is below: no flicker. */
const REDRAW = '\u001b[H\u001b[J';
const ALTERNATE_SCREEN = '\u001b[?1049h\u001b[?25l';
const USUAL_SCREEN = '\u001b[?25h\u001b[?1049l';

export interface StatusOptions extends PlatformOptions {
  readonly json?: boolean;
}

export interface TopOptions extends StatusOptions {
  readonly once?: boolean;
  readonly interval: number;
}

/** @returns 0 where everything is ready, else 1 */
export async function runStatus(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const token = await tokenOf(options);
  return interruptible(async (signal) => {
    const client = new GraphQLClient(graphqlAddress(options.url), token, signal);
    const { platformStatus } = await client.run<Pick<Snapshot, 'platformStatus'>>(STATUS);
    if (options.json === true) terminal.print(JSON.stringify(platformStatus));
    else for (const line of statusLines(platformStatus, terminal)) terminal.print(line);
    return platformStatus.state === 'READY' ? EXIT.DONE : EXIT.FAILED;
  });
}

export async function runTop(options: TopOptions, terminal: Terminal): Promise<ExitCode> {
  const token = await tokenOf(options);
  const lives = options.json !== true && options.once !== true && terminal.out.isTTY === true;
  return interruptible(async (signal) => {
    const client = new GraphQLClient(graphqlAddress(options.url), token, signal);
    if (lives) terminal.out.write(ALTERNATE_SCREEN);
    try {
      let before: { readonly atMs: number; readonly commands: number } | null = null;
      while (!signal.aborted) {
        const snapshot: Snapshot = await client.run<Snapshot>(TOP);
        const atMs = performance.now();
        const commands = commandsOf(snapshot);
        const perSecond = before === null ? null : ((commands - before.commands) * 1000) / (atMs - before.atMs);
        before = { atMs, commands };
        if (options.json === true) terminal.print(JSON.stringify({ ...snapshot, commandsPerSecond: perSecond }));
        else {
          const lines = topLines(snapshot, perSecond, terminal);
          terminal.out.write(`${lives ? REDRAW : ''}${lines.join('\n')}\n`);
        }
        if (options.once === true) return EXIT.DONE;
        await sleep(options.interval * 1000, undefined, { signal }).catch(() => undefined);
      }
      return EXIT.DONE;
    } finally {
      if (lives) terminal.out.write(USUAL_SCREEN);
    }
  });
}

/** Commands so far, by the engine's sequence; in services by what the subgraphs tell of it. */
function commandsOf({ platformStatus }: Snapshot): number {
  return Math.max(0, ...platformStatus.dependencies.map(({ details }) => Number(details.commandSequence ?? 0)));
}

function statusLines(
  { state, version, uptimeS, dependencies }: Snapshot['platformStatus'],
  { paint }: Terminal,
): string[] {
  const shown = state === 'READY' ? paint.green('ready') : paint.red('not ready');
  const rows = dependencies.map(({ name, ready, state: own, problem, ageS, details }) => [
    paint.bold(name),
    ready ? paint.green('ready') : paint.red('not ready'),
    own ?? '',
    `for ${duration(ageS)}`,
    problem ??
      Object.entries(details)
        .map(([field, value]) => `${field} ${String(value)}`)
        .join(', '),
  ]);
  return [`tradsys ${version} is ${shown}, up ${duration(uptimeS)}`, '', ...layOut(rows)];
}

function topLines(snapshot: Snapshot, perSecond: number | null, terminal: Terminal): string[] {
  const { paint } = terminal;
  const { latency, instruments, platformStatus } = snapshot;
  const rate = perSecond === null ? '' : `${perSecond.toFixed(0)} commands/s`;
  const ms = (us: number) => `${(us / 1000).toFixed(us < 10_000 ? 2 : 0)} ms`;
  const stages = latency.stages.map(({ stage, count, p50Us, p99Us, maxUs }) => [
    stage.toLowerCase(),
    String(count),
    ms(p50Us),
    ms(p99Us),
    ms(maxUs),
  ]);
  const books = instruments
    .slice(0, MAX_BOOKS)
    .map(({ symbol, tradingStatus, ticker }) => [
      paint.bold(symbol),
      tradingStatus,
      ticker?.bidPx ?? '-',
      ticker?.askPx ?? '-',
      ticker?.lastPx ?? '-',
      ticker?.volume ?? '-',
    ]);
  return [
    ...statusLines(platformStatus, terminal),
    '',
    `${paint.bold('Clients’ commands, last minute')}  ${rate}`,
    ...layOut([['stage', 'count', 'p50', 'p99', 'max'].map(paint.dim), ...stages]),
    '',
    ...layOut([['symbol', 'phase', 'bid', 'ask', 'last', 'volume'].map(paint.dim), ...books]),
    ...(instruments.length > MAX_BOOKS ? [`and ${instruments.length - MAX_BOOKS} more`] : []),
  ];
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3_600) return `${(seconds / 60).toFixed(0)} min`;
  return seconds < 86_400 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}
