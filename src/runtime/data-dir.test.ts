import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataDir } from './data-dir.js';

describe('the data folder', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'tradsys-data-dir-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it('is made with the folders above it, for its owner only, and again changes nothing', async () => {
    const folder = join(scratch, 'a', 'b', 'c');
    await makeDataDir(folder);
    await makeDataDir(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(scratch, 'a')).mode & 0o777).toBe(0o700);
  });

  it('is refused where a file has its name or stands in its path', async () => {
    const file = join(scratch, 'file');
    writeFileSync(file, '');
    await expect(makeDataDir(file)).rejects.toThrow(`${file} is a file. Choose a folder`);
    await expect(makeDataDir(join(file, 'x'))).rejects.toThrow('a file stands in its path (ENOTDIR)');
    await expect(makeDataDir(join(file, 'x', 'y'))).rejects.toThrow('(ENOTDIR)');
  });

  it('is refused where it is a link to nowhere, or lies behind one', async () => {
    const link = join(scratch, 'link');
    symlinkSync(join(scratch, 'nowhere', 'x'), link);
    await expect(makeDataDir(link)).rejects.toThrow(`${link} is a link to nowhere`);
    await expect(makeDataDir(join(link, 'x'))).rejects.toThrow(`${link} is a link to nowhere`);
  });

  it('is refused, and not tried for ever, where a folder takes no other', async () => {
    if (!existsSync('/proc/self')) return;
    await expect(makeDataDir('/proc/tradsys/data')).rejects.toThrow('the data folder /proc/tradsys cannot be made');
  });
});
