import { type Suite, thousands, times } from '../suite.js';
import { benchStreams, type StreamsRow } from './run.js';

/** Fan-out of one stream to many sockets beside a bare broadcast and plain graphql-ws. */
export const suite: Suite<StreamsRow> = {
  columns: [
    { title: 'subscribers', width: 14, cell: (row) => String(row.subscribers) },
    { title: 'k/CPU s', width: 10, cell: (row) => thousands(row.oursPerSecond) },
    { title: 'ws broadcast', width: 14, cell: (row) => thousands(row.rawPerSecond) },
    { title: 'ratio', width: 9, cell: (row) => times(row.ratioToRaw) },
    { title: 'graphql-ws', width: 12, cell: (row) => thousands(row.graphqlWsPerSecond) },
    { title: 'to broadcast', width: 14, cell: (row) => times(row.graphqlWsToRaw) },
  ],
  run: benchStreams,
};
