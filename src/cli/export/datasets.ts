/** What can be exported: the columns of its rows, and the query that gives them a page at a time. */
import { CommandError, EXIT } from '../exit-codes.js';
import type { GraphQLClient } from '../platform/client.js';

/** How a column is stored where the format has types; decimals stay exact text everywhere. */
export type ColumnType = 'text' | 'decimal' | 'time' | 'integer' | 'boolean';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Row = Readonly<Record<string, unknown>>;

export interface DatasetOptions {
  readonly symbol?: string;
  readonly interval?: string;
  readonly source: string;
  readonly account?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Dataset {
  readonly description: string;
  /** Options without which there is nothing to ask for. */
  readonly needs: readonly ('symbol' | 'interval' | 'account')[];
  /** True where --from and --to narrow it. */
  readonly ranged: boolean;
  readonly columns: readonly Column[];
  readonly query: string;
  variables(options: DatasetOptions): Readonly<Record<string, unknown>>;
  /** Returns the connection in an answer; null where what was asked about does not exist. */
  connectionOf(data: never): Connection | null;
}

interface Connection {
  readonly edges: readonly { readonly node: Row }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const PAGE_ROWS = 500;

const columnsOf = (spec: string): Column[] =>
  spec
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [name = '', type = 'text'] = word.split(':');
      return { name, type: type as ColumnType };
    });

const PAGE = 'pageInfo { hasNextPage endCursor }';
const nodes = (columns: readonly Column[]) => `edges { node { ${columns.map(({ name }) => name).join(' ')} } } ${PAGE}`;

interface InstrumentListing {
  readonly columns: string;
  readonly field: string;
  readonly parameters?: string;
  readonly values?: string;
}

/** A connection of an instrument that --from and --to narrow. */
function ofInstrument(
  description: string,
  { columns, field, parameters = '', values = '' }: InstrumentListing,
): Dataset {
  const shown = columnsOf(columns);
  return {
    description,
    needs: field === 'candles' ? ['symbol', 'interval'] : ['symbol'],
    ranged: true,
    columns: shown,
    query: `query Export($symbol: ID!, $from: DateTime, $to: DateTime, $after: String${parameters}) { instrument(symbol: $symbol) {
      list: ${field}(first: ${PAGE_ROWS}, after: $after, from: $from, to: $to${values}) { ${nodes(shown)} } } }`,
    variables: ({ symbol, from, to, interval, source }) => ({
      symbol,
      from,
      to,
      ...(values.includes('interval') ? { interval } : {}),
      ...(values.includes('source') ? { source } : {}),
    }),
    connectionOf: ({ instrument }: { instrument: { list: Connection } | null }) => instrument?.list ?? null,
  };
}

/** A connection of an account. */
function ofAccount(description: string, field: string, columns: string, extra = ''): Dataset {
  const shown = columnsOf(columns);
  return {
    description,
    needs: ['account'],
    ranged: false,
    columns: shown,
    query: `query Export($account: ID!, $after: String) {
      list: ${field}(accountId: $account, first: ${PAGE_ROWS}, after: $after${extra}) { ${nodes(shown)} } }`,
    variables: ({ account }) => ({ account }),
    connectionOf: ({ list }: { list: Connection }) => list,
  };
}

const EXECUTION_COLUMNS =
  'cursor execId orderId clOrdId accountId symbol execType ordStatus side lastPx:decimal lastQty:decimal cumQty:decimal leavesQty:decimal avgPx:decimal ordRejReason text transactTime:time';

export const DATASETS: Readonly<Record<string, Dataset>> = {
  candles: ofInstrument('bars of an instrument, own and imported, oldest first', {
    columns:
      'symbol interval openTime:time open:decimal high:decimal low:decimal close:decimal volume:decimal vwap:decimal tradeCount:integer closed:boolean source',
    field: 'candles',
    parameters: ', $interval: CandleInterval!',
    values: ', interval: $interval',
  }),
  trades: ofInstrument('trades of an instrument, newest first', {
    columns: 'id symbol px:decimal qty:decimal aggressorSide sequence:integer transactTime:time cursor',
    field: 'trades',
  }),
  'imported-trades': ofInstrument('trades that another venue made, newest first', {
    columns: 'id symbol source px:decimal qty:decimal aggressorSide transactTime:time',
    field: 'importedTrades',
    parameters: ', $source: String',
    values: ', source: $source',
  }),
  executions: ofAccount(
    "execution reports of an account's orders, oldest first",
    'executionReports',
    EXECUTION_COLUMNS,
  ),
  orders: ofAccount(
    'orders of an account, newest first',
    'orders',
    'id clOrdId side ordType timeInForce ordStatus orderQty:decimal price:decimal stopPx:decimal displayQty:decimal cumQty:decimal leavesQty:decimal avgPx:decimal ordRejReason text createdAt:time updatedAt:time',
  ),
};

/** Gives the rows of a dataset a page at a time: no more than one page is held. */
export async function* pagesOf(
  dataset: Dataset,
  options: DatasetOptions,
  client: GraphQLClient,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let after: string | null = null;
  do {
    if (signal.aborted) return;
    const data: unknown = await client.run(dataset.query, { ...dataset.variables(options), after });
    const connection: Connection | null = dataset.connectionOf(data as never);
    if (connection === null) throw new CommandError(`no instrument is listed as ${options.symbol}`, EXIT.USAGE);
    yield connection.edges.map(({ node }) => node);
    after = connection.pageInfo.hasNextPage ? connection.pageInfo.endCursor : null;
  } while (after !== null);
}
