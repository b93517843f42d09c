import { Teardown } from './teardown.js';

describe('Teardown', () => {
  it('stops parts in the opposite order of their start, once', async () => {
    const stopped: string[] = [];
    const teardown = new Teardown(() => undefined);
    for (const name of ['journal', 'engine', 'router']) teardown.add(name, () => void stopped.push(name));
    await Promise.all([teardown.run(), teardown.run()]);
    await teardown.run();
    expect(stopped).toEqual(['router', 'engine', 'journal']);
  });

  it('goes on behind a part that fails, and says which', async () => {
    const lines: unknown[] = [];
    const stopped: string[] = [];
    const teardown = new Teardown((level, message, fields) => lines.push([level, message, fields]));
    teardown.add('engine', () => void stopped.push('engine'));
    teardown.add('router', () => Promise.reject(new Error('socket stuck')));
    await teardown.run();
    expect(stopped).toEqual(['engine']);
    expect(lines).toContainEqual(['error', 'did not stop in order', { part: 'router', error: 'Error: socket stuck' }]);
  });
});
