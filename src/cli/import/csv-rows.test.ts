/** CSV files as other people write them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../exit-codes.js';
import { readCsv } from './csv-rows.js';

const NAMES = { time: ['open_time', 'date'], close: ['close', 'c'] } as const;

describe('CSV rows', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tradsys-csv-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function read(text: string) {
    const file = join(folder, 'file.csv');
    writeFileSync(file, text);
    const rows: { line: number; time: string | undefined; close: string | undefined }[] = [];
    for await (const { line, cells } of readCsv(file, NAMES, ['time', 'close'])) {
      rows.push({ line, time: cells.time, close: cells.close });
    }
    return rows;
  }

  it('are found by the names of their columns, whatever order, case and separators', async () => {
    const rows = [
      { line: 2, time: '1', close: '2.5' },
      { line: 3, time: '2', close: '3' },
    ];
    expect(await read('close,open time\n2.5,1\n3,2\n')).toEqual(rows);
    expect(await read('\ufeffOPEN_TIME,Adj Close, Close \r\n1,9,2.5\r\n2,9,3\r\n')).toEqual(rows);
    expect(await read('"Date","x","C"\n"1","a,b","2.5"\n2,,3')).toEqual(rows);
  });

  it('keep the numbers of their lines behind empty lines and cells of several lines', async () => {
    const rows = await read('date,close,note\n1,2,"two\nlines"\n\n\n3,4,\n5\n');
    expect(rows).toEqual([
      { line: 3, time: '1', close: '2' },
      { line: 6, time: '3', close: '4' },
      { line: 7, time: '5', close: undefined },
    ]);
  });

  it('name the columns that are missing', async () => {
    await expect(read('date,open\n1,2\n')).rejects.toThrow(/no column for close \(close, c\); it has date, open/);
    await expect(read('date;close\n1;2\n')).rejects.toThrow(/; commas separate columns$/);
    await expect(read('')).rejects.toThrow(CommandError);
    await expect(read(`date,close\n1,${'9'.repeat(200_000)}\n`)).rejects.toThrow(CommandError);
  });

  it('are refused where a column that is read stands there twice', async () => {
    await expect(read('date,close,Close\n1,2,3\n')).rejects.toThrow(/names close twice/);
    expect(await read('date,close,note,note\n1,2,a,b\n')).toHaveLength(1);
  });
});
