import { usageError } from '../cli.errors.js';
import type { Session } from '../session.js';
import { pathFrom } from '../terminal.js';
import { documentIn } from '../text/document-file.js';
import { details, type Json, table } from '../text/table.js';
import { addressOf, ownerPath } from './address.js';
import { fieldValues, type Options } from './field-values.js';
import type { Operation, Resource, Verb } from './resource.js';

/** @returns whether the answer says that something was refused */
export type Run = (session: Session, options: Options, target?: string) => Promise<boolean | undefined>;

const largestPage = 200;

export function runList(resource: Resource, list: Operation): Run {
  return async (session, options, tenant = session.tenant) => {
    const path = ownerPath(resource, tenant) + resource.path;
    await printPages(session, options, path, queryOf(session, list, options), resource.columns);
    return false;
  };
}

export function runGet(resource: Resource): Run {
  return async (session, _, target = '') => {
    const { owner, id } = addressOf(session, resource, target);
    session.printDocument(await session.api.call('GET', `${owner}${resource.path}/${id}`));
    return false;
  };
}

export function runCreate(resource: Resource, create: Operation): Run {
  return async (session, options, tenant = session.tenant) => {
    const path = ownerPath(resource, tenant) + resource.path;
    const query = queryOf(session, create, options);
    session.printDocument(
      await session.api.call('POST', path, { body: bodyOf(session, create, options), query }),
    );
    return false;
  };
}

export function runUpdate(resource: Resource, update: Operation): Run {
  return async (session, options, target = '') => {
    const { owner, id } = addressOf(session, resource, target);
    const body = bodyOf(session, update, options);
    if (Object.keys(body).length === 0)
      throw usageError('Nothing is to be changed.', 'See --help for the options.');
    const query = queryOf(session, update, options);
    session.printDocument(await session.api.call('PATCH', `${owner}${resource.path}/${id}`, { body, query }));
    return false;
  };
}

export function runDelete(resource: Resource): Run {
  return async (session, _, target = '') => {
    const { owner, id } = addressOf(session, resource, target);
    await session.api.call('DELETE', `${owner}${resource.path}/${id}`);
    session.print({ deleted: decodeURIComponent(id) }, () => `${target} is deleted.\n`);
    return false;
  };
}

export function runVerb(resource: Resource, verb: Verb): Run {
  return async (session, options, target) => {
    const path = verbPath(session, resource, verb, target);
    if (verb.columns) {
      await printPages(
        session,
        options,
        path,
        queryOf(session, verb, options),
        verb.columns,
        verb.behind === 'root',
      );
      return false;
    }
    const body = verb.method === 'GET' ? undefined : { ...verb.body, ...bodyOf(session, verb, options) };
    const call = {
      query: queryOf(session, verb, options),
      ...(body && Object.keys(body).length > 0 ? { body } : {}),
    };
    let answer = await session.api.call(verb.method, path, call);
    for (let left = leftOf(verb, answer); left > 0; left = leftOf(verb, answer)) {
      if (session.terminal.isWatched) session.note(`${left} are left.`);
      answer = await session.api.call(verb.method, path, call);
      // Where nothing moves any more, somebody has to look.
      if (leftOf(verb, answer) >= left) break;
    }
    session.printDocument(answer);
    return verb.isRefusal?.(answer) === true || leftOf(verb, answer) > 0;
  };
}

function leftOf({ until }: Verb, answer: Json): number {
  return until === undefined ? 0 : Number(answer[until]);
}

function verbPath(session: Session, resource: Resource, verb: Verb, target: string | undefined): string {
  if (verb.behind === 'root') return verb.path;
  if (!verb.one) {
    const owner = ownerPath(
      verb.behind === 'owner' ? { ...resource, owner: 'tenant' } : resource,
      target ?? session.tenant,
    );
    return verb.behind === 'owner' ? owner + verb.path : owner + resource.path + verb.path;
  }
  const { owner, id } = addressOf(session, resource, target ?? '');
  if (verb.behind === 'owner') return owner + verb.path.replace('{id}', id);
  return `${owner}${resource.path}/${id}${verb.path}`;
}

function queryOf(session: Session, { query = [] }: Operation, options: Options): Record<string, string> {
  const values = Object.entries(fieldValues(session.terminal, query, options));
  return Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
}

function bodyOf(session: Session, { fields = [] }: Operation, options: Options): Record<string, unknown> {
  const path = options['body'];
  const ofFile =
    path === undefined
      ? {}
      : documentIn(session.terminal, path === '-' ? '-' : pathFrom(session.terminal, String(path)));
  return { ...ofFile, ...fieldValues(session.terminal, fields, options) };
}

/** Before the request is sent: an API that does not know the word would save what is only to be tried. */

async function printPages(
  session: Session,
  options: Options,
  path: string,
  query: Readonly<Record<string, string>>,
  columns: readonly string[],
  isWhole = false,
): Promise<void> {
  const page = isWhole ? await session.api.call('GET', path) : await pages(session, options, path, query);
  const items = page['items'] as Json[];
  session.print(page, () => (columns.length > 0 ? table(items, columns) : items.map(details).join('\n')));
  if (!session.json && page['next_cursor'])
    session.note(`there are more: --all, or --cursor ${String(page['next_cursor'])}`);
}

async function pages(
  session: Session,
  options: Options,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Json> {
  if (options['all'] === true) return { items: await session.api.all(path, query), next_cursor: null };
  const wanted = Number(options['limit'] ?? 50);
  if (!Number.isInteger(wanted) || wanted < 1) throw usageError('--limit takes a whole number from 1.');
  const items: Json[] = [];
  let cursor = options['cursor'] === undefined ? null : String(options['cursor']);
  do {
    const limit = String(Math.min(largestPage, wanted - items.length));
    const page = await session.api.call('GET', path, {
      query: { ...query, limit, cursor: cursor ?? undefined },
    });
    items.push(...(page['items'] as Json[]));
    cursor = page['next_cursor'] as string | null;
  } while (cursor !== null && items.length < wanted);
  return { items, next_cursor: cursor };
}
