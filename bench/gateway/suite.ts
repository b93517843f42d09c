import { type Suite, times } from '../suite.js';
import { benchGateways, type GatewayRow } from './run.js';

const whole = (value: number) => value.toFixed(0);
const ms = (value: number) => value.toFixed(1);

/** Our router beside Hive's gateway as it comes, over the same subgraphs behind HTTP. */
export const suite: Suite<GatewayRow> = {
  columns: [
    { title: 'operation', width: 22, cell: ({ operation }) => operation },
    { title: 'ops/s', width: 8, cell: ({ ours }) => whole(ours.perSecond) },
    { title: 'p50 ms', width: 8, cell: ({ ours }) => ms(ours.p50Ms) },
    { title: 'p99 ms', width: 8, cell: ({ ours }) => ms(ours.p99Ms) },
    { title: 'CPU µs', width: 8, cell: ({ ours }) => whole(ours.cpuUs) },
    { title: 'stock ops/s', width: 13, cell: ({ stock }) => whole(stock.perSecond) },
    { title: 'p50 ms', width: 8, cell: ({ stock }) => ms(stock.p50Ms) },
    { title: 'p99 ms', width: 8, cell: ({ stock }) => ms(stock.p99Ms) },
    { title: 'CPU µs', width: 8, cell: ({ stock }) => whole(stock.cpuUs) },
    { title: 'ratio', width: 8, cell: ({ throughputRatio }) => times(throughputRatio) },
    { title: 'CPU ratio', width: 11, cell: ({ cpuRatio }) => times(cpuRatio) },
  ],
  run: benchGateways,
};
