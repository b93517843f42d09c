/** `tradsys doctor`: what the platform needs, what is missing, and the mend. */
import { type Config, ConfigError, type ConfigOverrides, loadConfig } from '../../config/config.js';
import { environmentVariable } from '../../config/environment.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Check } from './check.js';
import { checkDataFolder, checkDiskSpace, checkMemory, checkNode, checkPort } from './machine.js';
import { checkDatabase, checkNats } from './services.js';

export interface DoctorOptions {
  readonly port?: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export async function runDoctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, problem } = readConfig(options);
  const checks: Check[] = [checkNode(process.versions.node)];
  checks.push(
    problem === null
      ? { name: 'Configuration', status: 'ok', found: 'every variable is in order', mend: null }
      : { name: 'Configuration', status: 'missing', found: problem, mend: 'correct or unset the variables named' },
  );
  // One after another: the database's check starts a server, and would be slower beside others.
  checks.push(await checkPort(config.host, config.port));
  checks.push(await checkDataFolder(config.dataDir));
  checks.push(await checkDiskSpace(config.dataDir));
  checks.push(checkMemory());
  checks.push(await checkDatabase(environmentVariable('DATABASE_URL')));
  checks.push(await checkNats(environmentVariable('NATS_URL')));
  const missing = checks.filter((check) => check.status === 'missing').length;
  if (options.json === true) terminal.print(JSON.stringify({ ok: missing === 0, checks }, null, 2));
  else printChecks(checks, missing, terminal);
  return missing === 0 ? EXIT.DONE : EXIT.FAILED;
}

/** Where the configuration is wrong, the other checks go on with the defaults and the command line. */
function readConfig(options: DoctorOptions): { config: Config; problem: string | null } {
  const overrides: ConfigOverrides = { port: options.port, dataDir: options.dataDir };
  try {
    return { config: loadConfig(overrides), problem: null };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problem = error.message.replace(/^Configuration refused:\s*/, '').replaceAll(/\n\s*/g, '; ');
    return { config: loadConfig(overrides, {}), problem };
  }
}

function printChecks(checks: readonly Check[], missing: number, terminal: Terminal): void {
  const { paint } = terminal;
  const marks = { ok: paint.green('ok'), warn: paint.yellow('warn'), missing: paint.red('missing') };
  for (const line of layOut(checks.map((check) => [marks[check.status], paint.bold(check.name), check.found]))) {
    terminal.print(line);
  }
  const mends = checks.filter((check) => check.mend !== null);
  if (mends.length > 0) terminal.print();
  for (const check of mends) terminal.print(`${check.name}: ${check.mend}`);
  terminal.print();
  terminal.print(
    missing === 0
      ? paint.green('Everything that the platform needs is there.')
      : paint.red(`${missing} of ${checks.length} checks found something missing.`),
  );
}
