import { Writable } from 'node:stream';
import { createLogger } from './logger.js';

function capture(): { stream: Writable; lines: () => Record<string, unknown>[] } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, lines: () => chunks.map((chunk) => JSON.parse(chunk)) };
}

describe('createLogger', () => {
  it('writes one JSON line an event with role, module, level and fields', () => {
    const { stream, lines } = capture();
    createLogger({ level: 'info', role: 'engine', stream })('journal')('warn', 'torn tail cut', { bytes: 12 });
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'warn',
        role: 'engine',
        module: 'journal',
        message: 'torn tail cut',
        bytes: 12,
      }),
    ]);
  });

  it('redacts secrets, also one level down', () => {
    const { stream, lines } = capture();
    createLogger({ level: 'info', role: 'router', stream })('http')('info', 'request', {
      authorization: 'Bearer abc',
      headers: { authorization: 'Bearer abc' },
      session: { accessToken: 'abc' },
    });
    expect(JSON.stringify(lines())).not.toContain('abc');
  });

  it('writes nothing below its level', () => {
    const { stream, lines } = capture();
    createLogger({ level: 'error', role: 'router', stream })('http')('info', 'request');
    expect(lines()).toEqual([]);
  });
});
