import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { readDocument, shellBlocks } from '../deploy/documents.js';
import { evaluate, type Sample, type Scrape, samplesOf } from './promql.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

/** A Prometheus, and the person who is woken by it: scrapes, evaluates the rules, opens the runbook, pastes. */
export class AlertDesk {
  private readonly rules: Rule[] = parse(readDocument('deploy/prometheus/rules.yml')).groups.flatMap(
    ({ rules }: { rules: Rule[] }) => rules,
  );
  private scrapes: Scrape[] = [];

  /**
   * @param targets addresses of /metrics by the name of their process
   * @param env of the shell that the commands of runbooks are pasted into
   * @param folder its working directory
   */
  constructor(
    private readonly targets: Readonly<Record<string, string>>,
    private readonly env: Readonly<Record<string, string>>,
    private readonly folder: string,
  ) {}

  async scrape(): Promise<void> {
    const pages = await Promise.all(
      Object.entries(this.targets).map(async ([instance, url]) =>
        samplesOf(await (await fetch(url)).text(), instance),
      ),
    );
    const byName = Map.groupBy(pages.flat(), ([name]) => name);
    const samples = new Map([...byName].map(([name, all]) => [name, all.map(([, sample]) => sample)]));
    this.scrapes.push({ atMs: performance.now(), samples });
  }

  /** All that was scraped is older than every range of the rules. */
  letTimePass(): void {
    this.scrapes = [];
  }

  /** Of each alert whose condition holds now, whatever time it must hold for: the series that it names. */
  firing(): Record<string, readonly Sample['labels'][]> {
    return Object.fromEntries(
      this.rules.flatMap(({ alert, expr }) => {
        const series = evaluate(expr, this.scrapes);
        return series.length > 0 ? [[alert, series.map(({ labels }) => labels)]] : [];
      }),
    );
  }

  /** The runbook of an alert. @returns a function that pastes one of its blocks, and gives what that prints */
  runbook(alert: string): (block: number, blanks?: Record<string, string>) => string {
    const blocks = shellBlocks(readDocument(`docs/runbooks/${alert}.md`));
    return (block, blanks = {}) => {
      const { stdout, stderr } = spawnSync('/bin/sh', ['-c', blocks[block] ?? 'no such block'], {
        cwd: this.folder,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', ...this.env, ...blanks },
      });
      return stdout + stderr;
    };
  }
}
