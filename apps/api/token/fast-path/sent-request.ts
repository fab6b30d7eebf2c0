import type { IncomingMessage } from 'node:http';

/** A request as far as it counts here. */
export interface SentRequest {
  readonly method: string | undefined;
  readonly url: string;
  readonly body: string | undefined;
  readonly authorization: string | undefined;
  /** `X-Grantkeeper-Key` */
  readonly key: string | undefined;
  /** `X-Forwarded-Host` */
  readonly forwardedHost: string | undefined;
  readonly contentType: string | undefined;
  readonly requestId: string | undefined;
}

/** By their length, which tells most other headers apart from these at once. */
const names: readonly (readonly string[] | undefined)[] = [
  'content-type',
  'x-request-id',
  'authorization',
  'x-forwarded-host',
  'x-grantkeeper-key',
].reduce<string[][]>((byLength, name) => {
  byLength[name.length] = [...(byLength[name.length] ?? []), name];
  return byLength;
}, []);

/**
 * Looks the headers up as they came: Node puts the object with all of them together only where somebody asks for it.
 * @returns undefined where one is sent twice: that is for the route
 */
export function sentRequest(
  { method, url = '', rawHeaders }: IncomingMessage,
  body?: string,
): SentRequest | undefined {
  let authorization: string | undefined;
  let key: string | undefined;
  let forwardedHost: string | undefined;
  let contentType: string | undefined;
  let requestId: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1];
    switch (nameOf(rawHeaders[at] ?? '')) {
      case 'authorization':
        if (authorization !== undefined) return undefined;
        authorization = value;
        break;
      case 'x-grantkeeper-key':
        if (key !== undefined) return undefined;
        key = value;
        break;
      case 'x-forwarded-host':
        if (forwardedHost !== undefined) return undefined;
        forwardedHost = value;
        break;
      case 'content-type':
        if (contentType !== undefined) return undefined;
        contentType = value;
        break;
      case 'x-request-id':
        if (requestId !== undefined) return undefined;
        requestId = value;
        break;
      default:
    }
  }
  return { method, url, body, authorization, key, forwardedHost, contentType, requestId };
}

/** Whether two requests ask for the same; their ids do not count. */
export function askTheSame(one: SentRequest, other: SentRequest): boolean {
  return (
    one.url === other.url &&
    one.authorization === other.authorization &&
    one.method === other.method &&
    one.body === other.body &&
    one.key === other.key &&
    one.forwardedHost === other.forwardedHost &&
    one.contentType === other.contentType
  );
}

/** The name in small letters, if it is one that counts. */
function nameOf(sent: string): string | undefined {
  const possible = names[sent.length];
  if (!possible) return undefined;
  return possible.includes(sent) ? sent : possible.find((name) => name === sent.toLowerCase());
}
