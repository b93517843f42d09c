/** The demo as its users run it: what it prints is what the documentation shows. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function demo(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['scripts/demo.mjs', ...args], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.once('exit', (code) => done({ code, out, err }));
  });
}

describe('npm run demo', () => {
  it('prints for `breaker` what docs/circuit-breakers.md shows', async () => {
    const page = await readFile(resolve(PROJECT, 'docs/circuit-breakers.md'), 'utf8');
    const shown = /```text\n([^`]*)```/.exec(page)?.[1];
    const { code, out, err } = await demo('breaker');
    expect(err).toBe('');
    expect(out.trim()).toBe(shown?.trim());
    expect(code).toBe(0);
  });

  it('helps, and says what is wrong with a scenario that there is not', async () => {
    const help = await demo('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('npm run demo -- <scenario>');
    const wrong = await demo('nope');
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toContain('no scenario is named nope');
  });
});
