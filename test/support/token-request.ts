import { expect } from '@jest/globals';
import type { Answer, Client } from './http.js';

/** An API key as its creation answers. */
export interface Key {
  readonly id: string;
  readonly key: string;
}

export type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** Sends a form to a token endpoint. */
export type TokenRequest = (
  fields: Fields,
  headers?: Record<string, string>,
  path?: string,
) => Promise<Answer>;

export const formType = { 'content-type': 'application/x-www-form-urlencoded' };

/** RFC 6749 §2.3.1. */
export function basic(id: string, key: string): Record<string, string> {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(key)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

export const basicOf = ({ id, key }: Key) => basic(id, key);

export function tokenRequests(client: Client): TokenRequest {
  return (fields, headers = {}, path = '/oauth2/token') => {
    const body = new URLSearchParams(fields as Record<string, string>).toString();
    return client('POST', path, body, { ...formType, ...headers });
  };
}

/** JSON that nobody keeps (RFC 6749 §5.1). */
export function expectOAuth(answer: Answer): void {
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('pragma')).toBe('no-cache');
}

/** Refused with nothing but what RFC 6749 §5.2 has. */
export function expectRefused(answer: Answer, status: number, error: string): void {
  expect(`${answer.status} ${answer.json?.error}`).toBe(`${status} ${error}`);
  expect(Object.keys(answer.json)).toEqual(['error', 'error_description']);
  expect(answer.json.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expectOAuth(answer);
  const challenge = answer.headers.get('www-authenticate');
  if (status === 401) expect(challenge).toMatch(/^Basic realm=/);
  else expect(challenge).toBeNull();
}
