import type { RejectionAnswer, Token } from './api-types.js';
import type { Settings } from './client-options.js';
import type { ConnectionName } from './connection-name.js';
import { GrantkeeperError } from './grantkeeper-error.js';
import { refusal } from './refusal.js';
import { untilAborted } from './until-aborted.js';

/** The two calls to Grantkeeper. */
export class GrantkeeperHttp {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async readToken(connection: ConnectionName, minTtl: number): Promise<Token> {
    const what = `Reading the token of ${connection.text}`;
    const answer = await this.#call(what, 'GET', `${connection.path}/token?min_ttl=${minTtl}`);
    if (isToken(answer)) return answer;
    throw new GrantkeeperError(what, 'unexpected_answer', {
      status: 200,
      detail: 'no token is in the answer',
    });
  }

  async reportRejection(connection: ConnectionName, generation: number): Promise<RejectionAnswer> {
    const what = `Reporting a rejected token of ${connection.text}`;
    const answer = await this.#call(what, 'POST', `${connection.path}/token/rejections`, { generation });
    if (isRejectionAnswer(answer)) return answer;
    throw new GrantkeeperError(what, 'unexpected_answer', {
      status: 200,
      detail: 'no generation is in the answer',
    });
  }

  async #call(what: string, method: string, path: string, body?: object): Promise<unknown> {
    const timeout = AbortSignal.timeout(this.#settings.timeoutMs);
    try {
      const key = await untilAborted(this.#settings.key(), timeout);
      const response = await this.#settings.fetch(`${this.#settings.url}${path}`, {
        method,
        // The key goes to this address and no other.
        redirect: 'manual',
        signal: timeout,
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'application/json, application/problem+json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (response.status === 200) return parsed(text);
      throw refusal(what, response, text.replaceAll(key, '[key]'));
    } catch (error) {
      if (error instanceof GrantkeeperError) throw error;
      if (timeout.aborted) {
        throw new GrantkeeperError(what, 'timeout', {
          detail: `no answer within ${this.#settings.timeoutMs} ms`,
        });
      }
      throw new GrantkeeperError(what, 'unreachable', { detail: reasonOf(error) });
    }
  }
}

/** The code alone: a message may quote what was sent. */
function reasonOf(error: unknown): string | undefined {
  const { code, cause, name } = Object(error) as { code?: unknown; cause?: unknown; name?: unknown };
  const found = [code, (Object(cause) as { code?: unknown }).code, name].find(
    (one) => typeof one === 'string',
  );
  return typeof found === 'string' ? found : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isToken(answer: unknown): answer is Token {
  const { access_token, token_type, expires_in, generation } = Object(answer) as Partial<Token>;
  return (
    typeof access_token === 'string' &&
    typeof token_type === 'string' &&
    Number.isInteger(generation) &&
    (expires_in === null || Number.isFinite(expires_in))
  );
}

function isRejectionAnswer(answer: unknown): answer is RejectionAnswer {
  return Number.isInteger((Object(answer) as Partial<RejectionAnswer>).generation);
}
