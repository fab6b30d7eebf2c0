import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { metricsText } from '#observability';
import { failureCodes } from '#provider-kit';
import { checkout, readDocument } from './documents.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const rules: Rule[] = parse(readDocument('deploy/prometheus/rules.yml')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard = JSON.parse(readDocument('deploy/grafana/grantkeeper.json')) as {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
};
const panelExpressions = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
);
const expressions = [...rules.map(({ alert, expr }) => [alert, expr] as const), ...panelExpressions];

/** Names that an expression asks for; fails where it is no PromQL. */
function metricsOf(expr: string): string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, name, from, to }) => {
      if (type.isError) throw new Error(`No PromQL: ${expr} at ${from}`);
      if (name === 'Identifier') names.push(expr.slice(from, to));
    },
  });
  return names;
}

/** Every series that a process has, or would have once something happens. */
async function knownSeries(): Promise<Map<string, string>> {
  const types = [...(await metricsText()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Map(
    types.flatMap(([, name = '', type = '']) =>
      (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => [name + end, type] as const),
    ),
  );
}

describe('expressions of alerts and of the dashboard', () => {
  it.each(expressions)('%s: ask for metrics that exist', async (_, expr) => {
    const known = await knownSeries();
    const asked = metricsOf(expr);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('take the rate of counters, and of nothing else', async () => {
    const known = await knownSeries();
    for (const [title, expr] of expressions) {
      const counted = [...expr.matchAll(/(?:rate|increase)\((\w+)/g)].map(([, name = '']) => name);
      for (const name of counted) expect([title, name, known.get(name)]).not.toContain('gauge');
      for (const name of metricsOf(expr))
        if (known.get(name) !== 'gauge')
          expect([title, counted]).toEqual([title, expect.arrayContaining([name])]);
    }
  });

  it('name classes of requests that there are', () => {
    const classes = expressions.flatMap(([, expr]) =>
      [...expr.matchAll(/class=~?"([^"]+)"/g)].flatMap(([, words = '']) => words.split('|')),
    );
    expect(classes).toContain('certificate_not_valid');
    expect(classes.filter((word) => !(word in failureCodes) && !/^[245]xx$/.test(word))).toEqual([]);
  });
});

describe('alerts', () => {
  it('have a runbook each, and no runbook is of none', () => {
    const books = readdirSync(join(checkout, 'docs/runbooks')).filter((name) => name !== 'README.md');
    expect(books.sort()).toEqual([...new Set(rules.map(({ alert }) => `${alert}.md`))].sort());
    const index = readDocument('docs/runbooks/README.md');
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
      expect(index).toContain(`[${alert}](${alert}.md)`);
      expect(['warning', 'critical']).toContain(labels.severity);
      const headings = [...readDocument(annotations.runbook_url).matchAll(/^#+ .*$/gm)].map(([line]) => line);
      expect(headings).toEqual([`# ${alert}`, '## Symptom', '## Meaning', '## What to do', '## Over when']);
    }
  });

  it('name only metrics that exist in their runbooks', async () => {
    const known = await knownSeries();
    for (const { annotations } of rules) {
      const named = [...readDocument(annotations.runbook_url).matchAll(/`(grantkeeper_\w+)`/g)];
      expect(named.map(([, name = '']) => name).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('pass promtool, where it is installed', () => {
    const folder = join(checkout, 'deploy/prometheus');
    const run = (...args: string[]) => spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    if (run('--version').error) {
      process.stdout.write('promtool is not installed: the rules were parsed, and not evaluated\n');
      return;
    }
    for (const [kind, file] of [
      ['check', 'rules.yml'],
      ['test', 'rules.test.yml'],
    ] as const) {
      const { status, stdout, stderr } = run(kind, 'rules', file);
      expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
    }
  });

  it('are tried out by promtool only under names that there are', () => {
    const { tests } = parse(readFileSync(join(checkout, 'deploy/prometheus/rules.test.yml'), 'utf8'));
    const tried = tests.flatMap(({ alert_rule_test }: { alert_rule_test: { alertname: string }[] }) =>
      alert_rule_test.map(({ alertname }) => alertname),
    );
    expect(tried.filter((name: string) => !rules.some(({ alert }) => alert === name))).toEqual([]);
  });
});
