import { OAuthError } from './oauth-error.js';

/** Repeated, they are a question of targets (RFC 8707 §2, RFC 8693 §2.1), not of syntax. */
const repeatable = new Set(['audience', 'resource']);

/**
 * The parameters of a token request. Those without a value count as not sent, unknown ones are ignored, none comes
 * twice (RFC 6749 §3.2).
 */
export class TokenForm {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /** @throws OAuthError `invalid_request` */
  static parse(text: string): TokenForm {
    if (/%(?![0-9a-f]{2})/i.test(text)) {
      throw new OAuthError('invalid_request', 'The body is not form-encoded: a % has no two digits.');
    }
    const values = new Map<string, string[]>();
    for (const [name, value] of new URLSearchParams(text)) {
      const before = values.get(name);
      if (before && !repeatable.has(name))
        throw new OAuthError('invalid_request', 'A parameter comes twice.');
      if (before) before.push(value);
      else values.set(name, [value]);
    }
    return new TokenForm(values);
  }

  get(name: string): string | undefined {
    return this.all(name)[0];
  }

  all(name: string): readonly string[] {
    return this.values.get(name)?.filter((value) => value !== '') ?? [];
  }
}
