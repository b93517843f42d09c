/** Answers as br or gzip, where the client takes them. */
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';

export type Coding = 'br' | 'gzip';

/** Answers are made once and sent once: a middling quality costs a tenth of the best. */
const ANSWER_QUALITY = 4;
/** Files are compressed once and sent often. */
const FILE_QUALITY = 9;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Returns the coding that the client likes best, br where it likes both; null for none. */
export function codingOf(acceptEncoding: string | undefined): Coding | null {
  if (acceptEncoding === undefined || acceptEncoding === '') return null;
  let best: Coding | null = null;
  let bestQuality = 0;
  for (const part of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const told = parameters.find((each) => each.startsWith('q='));
    const quality = told === undefined ? 1 : Number(told.slice(2));
    const coding = name === '*' ? 'gzip' : name;
    if ((coding !== 'br' && coding !== 'gzip') || !(quality > 0)) continue;
    if (quality > bestQuality || (quality === bestQuality && coding === 'br')) [best, bestQuality] = [coding, quality];
  }
  return best;
}

/** Runs beside the event loop. */
export function compress(body: Buffer | string, coding: Coding, use: 'answer' | 'file'): Promise<Buffer> {
  const quality = use === 'answer' ? ANSWER_QUALITY : FILE_QUALITY;
  return coding === 'gzip'
    ? gzipped(body, { level: quality })
    : brotli(body, { params: { [zlib.BROTLI_PARAM_QUALITY]: quality } });
}
