import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, exitCodes, type ProblemDocument, unreachableError } from '../cli.errors.js';
import type { Json } from '../text/table.js';
import type { Target } from './profile.js';
import { reasonOf } from './unreachable.js';

export interface Call {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sent again after a limit of requests so often, and after so long at most; seconds. */
const limited = { attempts: 5, longestSeconds: 60 };

/** One installation, with one key. */
export class ApiClient {
  constructor(
    readonly target: Target,
    private readonly timeoutMs: number,
  ) {}

  /** @throws CliError with the problem document of the API, or when no API answers */
  async call(method: string, path: string, { body, query = {}, headers = {} }: Call = {}): Promise<Json> {
    const url = this.urlOf(path, query);
    const request = {
      method,
      // The key is for this address alone.
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${this.target.key}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    } as const;
    for (let attempt = 1; ; attempt += 1) {
      const { response, text } = await this.send(url, request);
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      const again =
        response.status === 429 && attempt < limited.attempts && seconds <= limited.longestSeconds;
      if (!again) return this.read(response, text);
      await sleep(seconds * 1_000);
    }
  }

  /** The document, or undefined where there is none by that path. */
  async find(path: string): Promise<Json | undefined> {
    try {
      return await this.call('GET', path);
    } catch (error) {
      if (error instanceof CliError && error.problem['status'] === 404) return undefined;
      throw error;
    }
  }

  /** All pages of a list. */
  async all(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<Json[]> {
    const items: Json[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.call('GET', path, { query: { ...query, limit: '200', cursor } });
      items.push(...(page['items'] as Json[]));
      cursor = (page['next_cursor'] as string | null) ?? undefined;
    } while (cursor !== undefined);
    return items;
  }

  private urlOf(path: string, query: Readonly<Record<string, string | undefined>>): URL {
    const url = new URL(this.target.url);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  private async send(url: URL, request: RequestInit): Promise<{ response: Response; text: string }> {
    try {
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(this.timeoutMs) });
      return { response, text: await response.text() };
    } catch (error) {
      throw unreachableError(
        `${url.origin} cannot be reached: ${reasonOf(error, this.timeoutMs)}`,
        'Check GRANTKEEPER_URL, and that the API runs there.',
      );
    }
  }

  private read({ status, ok }: Response, text: string): Json {
    const document = ok && text === '' ? {} : documentIn(text);
    if (ok && document) return document;
    if (document && typeof document['code'] === 'string' && typeof document['title'] === 'string') {
      const unreachable = status === 502 || status === 503 || status === 504;
      throw new CliError(
        unreachable ? exitCodes.unreachable : exitCodes.refused,
        document as ProblemDocument,
      );
    }
    throw unreachableError(
      `${this.target.url.origin} answers with ${status}, and not as Grantkeeper does.`,
      'Check GRANTKEEPER_URL, and proxies in between.',
    );
  }
}

function documentIn(text: string): Json | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? (document as Json) : undefined;
  } catch {
    return undefined;
  }
}
