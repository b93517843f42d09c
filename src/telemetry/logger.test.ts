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

  it('redacts secrets and personal data by their names, at any depth and in any writing of the name', () => {
    const { stream, lines } = capture();
    const secret = 'zzz-hidden';
    const names = [
      'password',
      'api_key',
      'Set-Cookie',
      'refreshToken',
      'DATABASE_URL',
      'email',
      'userName',
      'x-forwarded-for',
    ];
    const fields = Object.fromEntries(names.map((name) => [name, secret]));
    createLogger({ level: 'info', role: 'router', stream })('http')('info', 'request', {
      ...fields,
      a: { b: { c: [fields, { d: fields }] } },
      kept: 'visible',
    });
    expect(JSON.stringify(lines())).not.toContain(secret);
    expect(lines()).toEqual([expect.objectContaining({ kept: 'visible' })]);
  });

  it('redacts what looks like a secret in any text, the message and errors included', () => {
    const { stream, lines } = capture();
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
    const key = 'tsk_0123456789abcdef';
    const log = createLogger({ level: 'info', role: 'router', stream })('http');
    log('info', `refused Bearer ${jwt}`, { error: new Error(`connect postgresql://app:hunter2@db/tradsys ${key}`) });
    log('info', 'refused', { text: `${jwt} ${key} nats://u:hunter2@bus:4222`, list: [`Basic dXNlcjpodW50ZXIy`] });
    const text = JSON.stringify(lines());
    for (const secret of [jwt, key, 'hunter2', 'dXNlcjpodW50ZXIy']) expect(text).not.toContain(secret);
    expect(text).toContain('@db/tradsys');
  });

  it('writes a line of bounded size whatever it is given', () => {
    const { stream, lines } = capture();
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    const log = createLogger({ level: 'info', role: 'router', stream })('http');
    log('info', 'x', { endless, many: Array.from({ length: 5_000 }, () => 'y'), long: 'z'.repeat(1_000_000) });
    expect(JSON.stringify(lines()).length).toBeLessThan(20_000);
  });

  it('changes the level of one module or of all while it runs, and refuses a module that nobody has', () => {
    const { stream, lines } = capture();
    const logger = createLogger({ level: 'warn', role: 'router', stream });
    const [http, engine] = [logger('http'), logger('engine')];
    const both = (message: string) => {
      http('debug', message);
      engine('debug', message);
    };
    both('before');
    logger.levels.set('http', 'debug', null);
    both('one');
    logger.levels.set(null, 'debug', null);
    both('all');
    logger.levels.set(null, 'warn', null);
    both('after');
    expect(lines().map(({ module, message }) => `${module} ${message}`)).toEqual([
      'http one',
      'http all',
      'engine all',
    ]);
    expect(() => logger.levels.set('htpp', 'debug', null)).toThrow(/engine, http/);
    for (const seconds of [0, 86_401, Number.NaN])
      expect(() => logger.levels.set(null, 'debug', seconds)).toThrow(RangeError);
  });

  it('comes back to the configured level by itself', async () => {
    const { stream } = capture();
    const logger = createLogger({ level: 'warn', role: 'router', stream });
    const http = logger('http');
    expect(logger.levels.set('http', 'debug', 1)[0]?.untilMs).not.toBeNull();
    expect(http.enabled?.('debug')).toBe(true);
    while (http.enabled?.('debug') === true) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(logger.levels.list()).toEqual([{ module: 'http', level: 'warn', untilMs: null }]);
  });
});
