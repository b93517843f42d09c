/** SIGUSR2 turns debug logging of every module on, and off again; it ends by itself after a quarter of an hour. */
import type { Logger } from '../telemetry/logger.js';
import type { Teardown } from './teardown.js';

const DEBUG_SECONDS = 900;

export function followLogSignal(logger: Logger, teardown: Teardown): void {
  const log = logger('runtime');
  let debugging = false;
  const toggle = () => {
    debugging = !debugging;
    logger.levels.set(null, debugging ? 'debug' : logger.levels.configured, debugging ? DEBUG_SECONDS : null);
    log('info', 'log level changed by SIGUSR2', { level: debugging ? 'debug' : logger.levels.configured });
  };
  process.on('SIGUSR2', toggle);
  teardown.add('log signal', () => {
    process.off('SIGUSR2', toggle);
  });
}
