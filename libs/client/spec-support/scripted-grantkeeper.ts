import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '#testing';
import type { GrantkeeperClientOptions } from '../client-options.js';
import { GrantkeeperClient } from '../grantkeeper-client.js';

export const key = 'gk_r_canaryOfTheKey';

/** A stand-in for Grantkeeper over HTTP, whose answers a test decides. */
export interface ScriptedGrantkeeper {
  readonly origin: string;
  /** `GET <path and query>` of each request so far. */
  readonly requests: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  client(options?: GrantkeeperClientOptions): GrantkeeperClient;
  close(): Promise<void>;
}

export async function scriptedGrantkeeper(): Promise<ScriptedGrantkeeper> {
  const requests: string[] = [];
  const loopback = await listen(
    http.createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      request.resume();
      scripted.answer(request, response);
    }),
  );
  const scripted: ScriptedGrantkeeper = {
    origin: loopback.origin,
    requests,
    answer: tokens(),
    client: (options) => new GrantkeeperClient({ url: loopback.origin, key, tenant: 'acme', ...options }),
    close: () => loopback.close(),
  };
  return scripted;
}

export function send(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
}

/** Answers with a new token each time. */
export function tokens(expires_in: number | null = 1_000): ScriptedGrantkeeper['answer'] {
  let generation = 0;
  return (request, response) => {
    if (request.method === 'POST') return send(response, 200, { generation: generation + 1, renewed: true });
    generation += 1;
    const token = { access_token: `token-${generation}`, token_type: 'Bearer', generation, expires_in };
    send(response, 200, { ...token, expires_at: null, scope: null });
  };
}

/** Answers with a problem document. */
export function problem(status: number, code: string, headers: object = {}): ScriptedGrantkeeper['answer'] {
  const document = {
    type: `urn:grantkeeper:problem:${code}`,
    title: code,
    status,
    code,
    detail: `It is ${code}.`,
  };
  return (_, response) => send(response, status, document, headers);
}
