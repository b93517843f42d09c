import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryInUseError, lockDirectory } from './directory-lock.js';

let directory: string;
let path: string;
let own: Record<string, unknown>;
const unexpected = (error: Error): void => {
  throw error;
};
const silent = (): void => undefined;
const take = (): ReturnType<typeof lockDirectory> => lockDirectory(directory, unexpected, silent);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-lock-'));
  path = join(directory, 'lock');
  const lock = await take();
  own = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await lock.release();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const leave = (changes: Record<string, unknown>): Promise<void> =>
  writeFile(path, JSON.stringify({ ...own, token: 'left', ...changes }));

async function startTimeOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

describe('directory lock', () => {
  it('is held until it is released and leaves nothing behind', async () => {
    const lock = await take();
    await expect(take()).rejects.toThrow(DirectoryInUseError);
    await lock.release();
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is won by one of many that try at once', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, take));
    const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(won).toHaveLength(1);
    await won[0]?.release();
  });

  it('is taken over by exactly one of many when its process is gone', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leave({ pid: 2 ** 22 + 1 });
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, take));
      const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(won).toHaveLength(1);
      await won[0]?.release();
      expect(await readdir(directory)).toEqual([]);
    }
  });

  // Process start times are read from /proc.
  const describeOnLinux = process.platform === 'linux' ? describe : (): void => undefined;
  describeOnLinux('on Linux', () => {
    let child: ChildProcess;
    let pid: number;
    beforeEach(() => {
      child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
      pid = child.pid ?? 0;
    });
    afterEach(() => child.kill('SIGKILL'));

    it('is respected while its process lives, and taken over once it was killed', async () => {
      await leave({ pid, startedAt: await startTimeOf(pid) });
      await expect(take()).rejects.toThrow(`process ${pid}`);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await (await take()).release();
    });

    it('is taken over when another process has the id now', async () => {
      await leave({ pid, startedAt: '1' });
      await (await take()).release();
      await leave({ pid: process.pid, startedAt: '1' });
      await (await take()).release();
    });

    it('of another host is respected while it beats and taken over when it stands still', async () => {
      await leave({ host: 'elsewhere', pid });
      const beating = setInterval(() => void utimes(path, new Date(), new Date()), 200);
      await expect(take())
        .rejects.toThrow('on elsewhere')
        .finally(() => clearInterval(beating));
      const lock = await take();
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    });
  });
});
