/** The file of a backtest: what to run, on which data, on which terms. YAML; every field is checked and named when wrong. */
import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { STRATEGY_TYPES } from '../../core/strategy/catalogue.js';
import { CANDLE_INTERVALS } from '../../core/values/vocabulary.js';
import { CommandError, EXIT } from '../exit-codes.js';

const decimal = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d+(\.\d+)?$/, 'takes a decimal such as "0.01"'));
const MAX_GRID_VALUES = 100;

const schema = z.strictObject({
  strategy: z.strictObject({
    type: z.enum(STRATEGY_TYPES),
    symbols: z
      .array(z.string().regex(/^[A-Z0-9._-]{1,32}$/, "takes 1 to 32 characters of A-Z, 0-9, '.', '-' and '_'"))
      .min(1)
      .max(2),
    parameters: z.record(z.string(), z.unknown()).default({}),
  }),
  data: z.union([
    z.strictObject({
      interval: z.enum(CANDLE_INTERVALS),
      /** By symbol: a CSV file, its path from the backtest's file. */
      candles: z.record(z.string(), z.string()),
    }),
    /** CSV of order events; its steps are the instrument's. */
    z.strictObject({ l3: z.string() }),
    z.strictObject({ lobster: z.strictObject({ messages: z.string(), book: z.string().optional() }) }),
  ]),
  instruments: z
    .record(z.string(), z.strictObject({ tickSize: decimal.default('0.01'), lotSize: decimal.default('1') }))
    .default({}),
  initialCash: decimal,
  latencyMs: z.number().min(0).max(60_000).default(0),
  makerFeeBps: z.number().min(-100).max(1_000).default(0),
  takerFeeBps: z.number().min(0).max(1_000).default(0),
  participation: z.number().gt(0).max(1).default(0.1),
  halfSpreadTicks: z.int().min(1).max(10_000).default(1),
  /** Parameters to vary: every combination is run. */
  grid: z.record(z.string(), z.array(z.unknown()).min(1).max(MAX_GRID_VALUES)).default({}),
});

export type BacktestFile = z.infer<typeof schema>;

/** Most combinations of one grid. */
export const MAX_RUNS = 1_000;

/** @throws CommandError naming the field, and what it takes */
export function readBacktestFile(path: string): BacktestFile {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw new CommandError(`${path}: ${error.message.split('\n')[0]}`, EXIT.USAGE);
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, EXIT.USAGE);
  }
  const result = schema.safeParse(content);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
    throw new CommandError(`${path} is not accepted:\n${lines.join('\n')}`, EXIT.USAGE);
  }
  return result.data;
}

/** Returns every combination of the grid's values; one empty one where there is no grid. @throws CommandError */
export function combinations(grid: BacktestFile['grid']): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
    if (all.length > MAX_RUNS) throw new CommandError(`grid: more than ${MAX_RUNS} combinations`, EXIT.USAGE);
  }
  return all;
}
