/** Tracing as configured, loaded only where it is, and before whatever it follows. */
import type { Config } from '../config/config.js';
import type { Tracing } from '../ports/tracing.js';
import { readVersion } from '../runtime/version.js';

export async function openTracing(config: Config): Promise<Tracing | null> {
  if (config.tracing === null) return null;
  const { startTracing } = await import('../telemetry/open-telemetry.js');
  return startTracing({ ...config.tracing, role: config.services?.role ?? 'embedded', version: readVersion() });
}
