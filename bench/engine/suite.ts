import { millions, type Suite, times } from '../suite.js';
import { benchEngine, type EngineRow } from './run.js';
import { benchUpkeep, type UpkeepRow } from './upkeep.js';

/** The exchange beside other order books. */
export const suite: Suite<EngineRow> = {
  columns: [
    { title: 'workload', width: 14, cell: (row) => row.workload },
    { title: 'M ops/s', width: 8, cell: (row) => millions(row.opsPerSecond) },
    { title: 'nodejs-order-book', width: 18, cell: (row) => millions(row.peerOpsPerSecond) },
    { title: 'ratio', width: 9, cell: (row) => times(row.ratioToPeer) },
    { title: 'C++ twin', width: 9, cell: (row) => millions(row.twinOpsPerSecond) },
    { title: 'ratio', width: 7, cell: (row) => times(row.ratioToTwin) },
    { title: 'p50 µs', width: 7, cell: (row) => row.p50Us.toFixed(2) },
    { title: 'p99', width: 7, cell: (row) => row.p99Us.toFixed(2) },
    { title: 'p99.9', width: 8, cell: (row) => row.p999Us.toFixed(2) },
    { title: 'clock p50', width: 10, cell: (row) => row.emptyP50Us.toFixed(2) },
    { title: 'clock p99', width: 10, cell: (row) => row.emptyP99Us.toFixed(2) },
    { title: 'GCs', width: 5, cell: (row) => String(row.collections) },
    { title: 'trades', width: 8, cell: (row) => String(row.trades) },
    { title: 'refused', width: 8, cell: (row) => String(row.refused) },
  ],
  run: benchEngine,
};

/** What the exchange does beside trading. */
export const upkeepSuite: Suite<UpkeepRow> = {
  columns: [
    { title: 'engine', width: 40, cell: (row) => row.what },
    { title: 'measured', width: 12, cell: (row) => row.value.toFixed(2) },
    { title: 'unit', width: 17, cell: (row) => row.unit },
    { title: 'goal', width: 9, cell: (row) => row.goal },
  ],
  run: benchUpkeep,
};
