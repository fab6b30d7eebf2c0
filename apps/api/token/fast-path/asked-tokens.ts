import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { bearerOf, hashName } from '#access';
import { defaultMinTtlSeconds, maxMinTtlSeconds } from '../min-ttl.js';

/** A token read as clients write it; any other spelling is left to the route. */
const usualUrl = /^\/v1\/tenants\/([a-z0-9-]+)\/connections\/([a-z0-9-]+)\/token(?:\?min_ttl=(\d{1,5}))?$/;

/** A token that a request asks for. */
export interface AskedToken {
  readonly url: string;
  readonly authorization: string;
  /** `hashName` of the bearer. */
  readonly callerName: string;
  /** Slug. */
  readonly tenant: string;
  /** Slug. */
  readonly connection: string;
  readonly minTtlSeconds: number;
}

/** The headers that count here. */
interface SentHeaders {
  readonly authorization: string | undefined;
  readonly requestId: string | undefined;
}

/** Mostly a client asks on one socket for the same token over and over: that is taken apart and hashed once. */
export class AskedTokens {
  private readonly last = new WeakMap<Socket, AskedToken>();

  /** @returns undefined for what is no token read, or not written as usual */
  of({ socket, url = '' }: IncomingMessage, { authorization }: SentHeaders): AskedToken | undefined {
    const last = this.last.get(socket);
    if (last && last.url === url && last.authorization === authorization) return last;
    const asked = readRequest(url, authorization);
    if (asked) this.last.set(socket, asked);
    return asked;
  }
}

/**
 * Looks the headers up as they came: Node puts the object with all of them together only where somebody asks for it.
 * @returns undefined where one is sent twice: that is for the route
 */
export function sentHeaders(raw: readonly string[]): SentHeaders | undefined {
  let authorization: string | undefined;
  let requestId: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (isNamed(name, 'authorization')) {
      if (authorization !== undefined) return undefined;
      authorization = raw[at + 1];
    } else if (isNamed(name, 'x-request-id')) {
      if (requestId !== undefined) return undefined;
      requestId = raw[at + 1];
    }
  }
  return { authorization, requestId };
}

/** @param wanted in small letters */
function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && (name === wanted || name.toLowerCase() === wanted);
}

function readRequest(url: string, authorization: string | undefined): AskedToken | undefined {
  const [, tenant, connection, minTtl] = usualUrl.exec(url) ?? [];
  const bearer = bearerOf(authorization);
  if (tenant === undefined || connection === undefined || authorization === undefined || bearer === undefined)
    return undefined;
  const minTtlSeconds = minTtl === undefined ? defaultMinTtlSeconds : Number(minTtl);
  if (minTtlSeconds > maxMinTtlSeconds) return undefined;
  return { url, authorization, callerName: hashName(bearer), tenant, connection, minTtlSeconds };
}
