import { parser } from '@prometheus-io/lezer-promql';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything that was scraped at one time, by the name of its metric. */
export interface Scrape {
  readonly atMs: number;
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
}

type Node = ReturnType<typeof parser.parse>['topNode'];
type Value = number | readonly Sample[];

/** The samples of a page of metrics, each with the name of the process it comes from. */
export function samplesOf(text: string, instance: string): [name: string, sample: Sample][] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => [
    name,
    {
      labels: {
        instance,
        ...Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, word]) => [key, word])),
      },
      value: Number(value),
    },
  ]);
}

/**
 * As much of PromQL as the alerts speak, over scrapes from the oldest to the newest. Every range is taken to reach back
 * to the first of them.
 * @throws Error for what it does not know
 */
export function evaluate(expr: string, scrapes: readonly Scrape[]): readonly Sample[] {
  const textOf = ({ from, to }: Node) => expr.slice(from, to);

  function read(node: Node): Value {
    if (node.name === 'PromQL' || node.name === 'ParenExpr') return read(only(node));
    if (node.name === 'NumberDurationLiteral') return Number(textOf(node));
    if (node.name === 'VectorSelector') return select(node, scrapes.at(-1));
    if (node.name === 'AggregateExpr') return aggregate(node);
    if (node.name === 'FunctionCall') return call(node);
    if (node.name === 'BinaryExpr') return combine(node);
    throw new Error(`Unknown here: ${node.name} in ${expr}`);
  }

  function select(selector: Node, scrape: Scrape | undefined): Sample[] {
    const name = selector.getChild('Identifier');
    const matchers = selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    const fits = ({ labels }: Sample) =>
      matchers.every((matcher) => {
        const [label = '', , operator, text = ''] =
          /^(\w+)\s*((=~|=))\s*"(.*)"$/s.exec(textOf(matcher))?.slice(1) ?? [];
        if (!operator) throw new Error(`Unknown here: ${textOf(matcher)}`);
        const word = labels[label] ?? '';
        return operator === '=' ? word === text : new RegExp(`^(?:${text})$`).test(word);
      });
    return [...(scrape?.samples.get(name ? textOf(name) : '') ?? [])].filter(fits);
  }

  /** How much a series has risen since it was first seen: what it had then is no rise. */
  function risen(selector: Node, perSecond: boolean): Sample[] {
    return select(selector, scrapes.at(-1)).flatMap((last) => {
      const seen = scrapes.flatMap((scrape) =>
        select(selector, scrape)
          .filter(({ labels }) => seriesOf(labels) === seriesOf(last.labels))
          .map(({ value }) => ({ value, atMs: scrape.atMs })),
      );
      const [first] = seen;
      const lastAtMs = seen.at(-1)?.atMs ?? 0;
      if (!first || lastAtMs === first.atMs) return [];
      const value = (last.value - first.value) / (perSecond ? (lastAtMs - first.atMs) / 1_000 : 1);
      return [{ labels: last.labels, value }];
    });
  }

  function call(node: Node): Sample[] {
    const name = textOf(only(node, 'FunctionIdentifier'));
    const argument = only(only(node, 'FunctionCallBody'));
    if (name === 'absent')
      return select(argument, scrapes.at(-1)).length > 0 ? [] : [{ labels: {}, value: 1 }];
    if (name !== 'rate' && name !== 'increase') throw new Error(`Unknown here: ${name}`);
    return risen(only(argument, 'VectorSelector'), name === 'rate');
  }

  function aggregate(node: Node): Sample[] {
    const operator = textOf(only(node, 'AggregateOp'));
    const by = node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
    const groups = Map.groupBy(vector(read(only(only(node, 'FunctionCallBody')))), ({ labels }) =>
      seriesOf(Object.fromEntries(by.map((label) => [textOf(label), labels[textOf(label)] ?? '']))),
    );
    return [...groups].map(([series, samples]) => {
      const values = samples.map(({ value }) => value);
      const of: Record<string, () => number> = {
        max: () => Math.max(...values),
        min: () => Math.min(...values),
        sum: () => values.reduce((sum, value) => sum + value, 0),
      };
      const result = of[operator];
      if (!result) throw new Error(`Unknown here: ${operator}`);
      return { labels: Object.fromEntries(JSON.parse(series)), value: result() };
    });
  }

  function combine(node: Node): Sample[] {
    const [left, operator, right] = [node.firstChild, node.firstChild?.nextSibling, node.lastChild];
    if (!left || !operator || !right) throw new Error(`Not understood: ${textOf(node)}`);
    const other = read(right);
    return vector(read(left)).flatMap((sample) => {
      const value =
        typeof other === 'number'
          ? other
          : other.find(({ labels }) => seriesOf(labels) === seriesOf(sample.labels))?.value;
      if (value === undefined) return [];
      const sign = textOf(operator);
      if (sign === '/') return [{ ...sample, value: sample.value / value }];
      if (sign === '>') return sample.value > value ? [sample] : [];
      if (sign === '==') return sample.value === value ? [sample] : [];
      throw new Error(`Unknown here: ${sign}`);
    });
  }

  return vector(read(parser.parse(expr).topNode));
}

function only(node: Node, name?: string): Node {
  const child = name === undefined ? node.firstChild : node.getChild(name);
  if (!child) throw new Error(`There is no ${name ?? 'child'} in ${node.name}.`);
  return child;
}

function vector(value: Value): readonly Sample[] {
  if (typeof value === 'number') throw new Error('A number stands where series are expected.');
  return value;
}

function seriesOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
