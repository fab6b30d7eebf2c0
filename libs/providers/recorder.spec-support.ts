import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EgressOptions } from '#egress';
import { TokenEndpointClient } from '#oauth-http';
import type { Clock, ProviderCall } from '#provider-kit';
import { tokenEndpointClient } from '#testing';

export interface RecordedRequest {
  /** Method and path with query. */
  readonly line: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Recorder {
  readonly origin: string;
  readonly recorded: RecordedRequest[];
  /** Sets what it answers from now on. */
  answer(status: number, body: unknown, headers?: http.OutgoingHttpHeaders): void;
  /** Options under which a provider's calls come here. */
  options(providerId: string, clock?: Clock): EgressOptions;
  client(options: EgressOptions): TokenEndpointClient;
  close(): Promise<void>;
}

/** A server in place of a provider: it remembers what it was sent, and answers what it was told. */
export async function startRecorder(): Promise<Recorder> {
  const recorded: RecordedRequest[] = [];
  const clients: ReturnType<typeof tokenEndpointClient>[] = [];
  const next = { status: 200, body: '', headers: {} as http.OutgoingHttpHeaders };
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      recorded.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers }).end(next.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    recorded,
    answer: (status, body, headers = {}) => {
      Object.assign(next, {
        status,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers,
      });
    },
    options: (providerId, clock) => ({
      upstreamTimeoutMs: 10_000,
      providerEndpoints: { [providerId]: origin },
      egressAllow: [],
      ...(clock === undefined ? {} : { clock }),
    }),
    client: (options) => {
      const client = tokenEndpointClient(options);
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function soon(): ProviderCall {
  return { deadlineMonotonicMs: performance.now() + 10_000 };
}

/** A form body as its fields; fails on a field that stands twice. */
export function formOf(body: string): Record<string, string> {
  const fields = new URLSearchParams(body);
  if (new Set(fields.keys()).size !== fields.size) throw new Error(`A field stands twice: ${body}`);
  return Object.fromEntries(fields);
}
