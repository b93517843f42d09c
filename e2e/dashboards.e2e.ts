/** Dashboards and alerts beside a started platform: every metric and label that they name is really there. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { post } from './support/client.js';
import { AS_SERVICES, makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const DEPLOYMENTS = resolve(import.meta.dirname, '../deployments');
const DASHBOARDS = join(DEPLOYMENTS, 'grafana/dashboards');
const RULES = join(DEPLOYMENTS, 'prometheus/rules');
const RUNBOOK = resolve(import.meta.dirname, '../docs/runbook.md');

interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly runbook_url?: string };
}

const RULE_FILE = parse(readFileSync(join(RULES, 'tradsys.rules.yml'), 'utf8')) as { groups: { rules: Rule[] }[] };
const ALERTS = RULE_FILE.groups.flatMap(({ rules }) => rules);

function expressions(): { where: string; expr: string }[] {
  const panels = readdirSync(DASHBOARDS).flatMap((file) => {
    const board = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    return board.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ where: `${file}: ${title}`, expr })),
    );
  });
  return [...panels, ...ALERTS.map(({ alert, expr }) => ({ where: alert ?? 'a recorded rule', expr }))];
}

/** Metrics of an expression, with the labels that it selects or sums by. */
function named(expr: string): { metrics: string[]; labels: string[] } {
  const metrics = [...expr.matchAll(/\b(?:tradsys|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
  const selected = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  );
  const summed = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside = '']) =>
    inside.split(',').map((label) => label.trim()),
  );
  return { metrics, labels: [...selected, ...summed] };
}

/** Given by Prometheus to whatever it scrapes. */
const OF_SCRAPE = new Set(['instance', 'job', 'role']);
/** There is no bus in one process. */
const OF_SERVICES = /^tradsys_(nats|feed)_/;

describe('dashboards and alerts', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  /** Label names of each exported metric. */
  const exported = new Map<string, Set<string>>();

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir, simulator: true });
    const { trader } = platform.credentials;
    const input = { accountId: trader.accountId, symbol: 'KO', side: 'BUY', ordType: 'MARKET', orderQty: '1' };
    const placed = await post(
      platform.url,
      'mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }',
      { input },
      trader.token,
    );
    expect(placed.errors).toBeUndefined();
    for (const line of (await platform.metrics()).split('\n')) {
      const [, name, labels = ''] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? /.exec(line) ?? [];
      if (name === undefined) continue;
      const known = exported.get(name) ?? new Set<string>();
      for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) known.add(label);
      exported.set(name, known);
    }
    // What is counted only once it happens has its help from the start.
    for (const [, name = ''] of (await platform.metrics()).matchAll(/^# TYPE ([a-z0-9_]+)/gm)) {
      if (!exported.has(name)) exported.set(name, new Set(['*']));
    }
  });

  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('name only metrics and labels that the platform exports', () => {
    const all = expressions();
    expect(all.length).toBeGreaterThan(60);
    const missing = all.flatMap(({ where, expr }) => {
      const { metrics, labels } = named(expr);
      const here = metrics.filter((metric) => AS_SERVICES || !OF_SERVICES.test(metric));
      const unknown = here.filter((metric) => !exported.has(metric));
      const told = new Set(here.flatMap((metric) => [...(exported.get(metric) ?? [])]));
      const unlabelled = labels.filter(
        (label) => here.length > 0 && !told.has('*') && !told.has(label) && !OF_SCRAPE.has(label),
      );
      return [...unknown, ...unlabelled].map((name) => `${where}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('find a metric and a label that are not there', () => {
    expect(named('sum by (colour) (rate(tradsys_x_total{a="b", c=~"d"}[5m])) > 1')).toEqual({
      metrics: ['tradsys_x_total'],
      labels: ['a', 'c', 'colour'],
    });
  });

  it('tell for each alert how bad it is, what it means and what to do', () => {
    const runbook = readFileSync(RUNBOOK, 'utf8');
    for (const { alert, labels, annotations } of ALERTS.filter((rule) => rule.alert !== undefined)) {
      expect(['info', 'warning', 'critical']).toContain(labels?.severity);
      expect(annotations?.summary?.length).toBeGreaterThan(5);
      expect(annotations?.runbook_url).toMatch(new RegExp(`docs/runbook\\.md#${alert?.toLowerCase()}$`));
      expect(runbook).toContain(`\n### ${alert}\n`);
    }
  });

  it('pass promtool, where there is one', () => {
    // The unit tests of the rules are promtool's own; `npm run check:rules` insists on it.
    if (spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status !== 0) return;
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', join(RULES, 'tradsys.rules.yml')]);
    expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
  });
});
