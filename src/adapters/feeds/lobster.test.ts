import { readLines } from './lines.js';
import { readLobsterBook, readLobsterMessages } from './lobster.js';

async function* chunks(...texts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const text of texts) yield text;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('readLines', () => {
  it('puts lines together that chunks cut anywhere, even within a character', async () => {
    const bytes = new TextEncoder().encode('one\r\ntwö\n\nfour');
    const cut = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(await all(readLines(chunks(...cut), 100))).toEqual(
      ['one', 'twö', '', 'four'].map((text, at) => ({ line: at + 1, text, tooLong: false })),
    );
  });

  it('cuts a line that is too long, says so, and goes on behind it', async () => {
    const long = 'x'.repeat(50);
    expect(await all(readLines(chunks(long, long, `${long}\nnext\n`, long), 20))).toEqual([
      { line: 1, text: 'x'.repeat(20), tooLong: true },
      { line: 2, text: 'next', tooLong: false },
      { line: 3, text: 'x'.repeat(20), tooLong: true },
    ]);
  });
});

describe('readLobsterMessages', () => {
  it('reads time to the nanosecond, prices as ticks of a cent, and the resting side', async () => {
    expect(await all(readLobsterMessages(chunks('34200.004241176,1,16113575,18,5853300,1\n')))).toEqual([
      {
        kind: 'message',
        line: 1,
        timeNs: 34_200_004_241_176,
        event: 'NEW',
        orderId: '16113575',
        qtyLots: 18,
        priceTicks: 58_533,
        side: 'BUY',
      },
    ]);
  });

  it.each([
    ['34200.1,1,5,18,5853300', '5 columns instead of 6'],
    ['noon,1,5,18,5853300,1', 'time "noon"'],
    ['34200.1234567891,1,5,18,5853300,1', 'time "34200.1234567891"'],
    ['34200.1,8,5,18,5853300,1', 'type "8"'],
    ['34200.1,1,-5,18,5853300,1', 'order id "-5"'],
    ['34200.1,1,5,0,5853300,1', 'size "0"'],
    ['34200.1,1,5,1.5,5853300,1', 'size "1.5"'],
    ['34200.1,1,5,18,1e6,1', 'price "1e6"'],
    ['34200.1,1,5,18,5853350,1', 'price 5853350'],
    ['34200.1,1,5,18,-100,1', 'price -100'],
    ['34200.1,1,5,18,5853300,0', 'direction "0"'],
    ['', '1 columns instead of 6'],
    ['9'.repeat(201), 'longer than 200 characters'],
  ])('names line and fault of "%s" and goes on', async (text, problem) => {
    const good = '34200.5,3,5,18,5853300,-1';
    const found = await all(readLobsterMessages(chunks(`${good}\n${text}\n${good}\n`)));
    expect(found.map((item) => [item.kind, item.line])).toEqual([
      ['message', 1],
      ['bad', 2],
      ['message', 3],
    ]);
    expect(found[1]).toMatchObject({ problem: expect.stringContaining(problem) });
  });

  it('takes a hidden execution between two ticks, since it has no place in the book', async () => {
    expect(await all(readLobsterMessages(chunks('34200.1,5,0,10,5853350,1')))).toMatchObject([
      { event: 'HIDDEN_EXECUTION', priceTicks: 58_533.5 },
    ]);
  });

  it('refuses a line whose time runs backwards', async () => {
    const found = await all(readLobsterMessages(chunks('2.5,1,1,1,100,1\n2.4,1,2,1,100,1\n2.5,1,3,1,100,1\n')));
    expect(found.map((item) => item.kind)).toEqual(['message', 'bad', 'message']);
  });
});

describe('readLobsterBook', () => {
  it('reads both sides of each level and leaves empty levels out', async () => {
    const row = '5859400,200,5853300,18,9999999999,0,-9999999999,0';
    expect(await all(readLobsterBook(chunks(row)))).toEqual([
      {
        kind: 'book',
        line: 1,
        levels: [
          { side: 'SELL', priceTicks: 58_594, qtyLots: 200 },
          { side: 'BUY', priceTicks: 58_533, qtyLots: 18 },
        ],
      },
    ]);
  });

  it.each([
    ['5859400,200,5853300', '3 columns are not 4 a level'],
    ['5859400,200,5853300,many', 'column 3 or 4'],
    ['5859450,200,5853300,18', 'level 5859450'],
    ['5859400,-2,5853300,18', 'level 5859400'],
  ])('names the fault of %s', async (text, problem) => {
    expect(await all(readLobsterBook(chunks(text)))).toMatchObject([
      { kind: 'bad', line: 1, problem: expect.stringContaining(problem) },
    ]);
  });
});
