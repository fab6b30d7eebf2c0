import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inSpan } from '#observability';
import { Renewer } from '#renewal';
import { eventually, type Loopback, serve, tokenEndpointClient, within } from '#testing';
import { placesWith } from '../support/canaries.js';
import { captureLog } from '../support/captured-log.js';
import { expectStatus, type RunningApi, type RunningTenant, runApi } from './running-api.js';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

/** All spans that have arrived. */
const spans: Span[] = [];
const receivedHeaders: IncomingMessage['headers'][] = [];
const canaries = new Map(
  ['access', 'refresh', 'secret', 'query', 'words', 'baggage', 'state', 'otlp'].map((name) => [
    name,
    `canary-of-${name}-4f1c`,
  ]),
);
const canary = (name: string) => canaries.get(name) ?? '';

let api: RunningApi;
let acme: RunningTenant;
let receiver: Loopback;
let provider: Loopback;
let answer = { status: 200, body: {} as object };
beforeAll(async () => {
  receiver = await serve(async (request, response) => {
    receivedHeaders.push(request.headers);
    const { resourceSpans } = JSON.parse(await textOf(request));
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  provider = await serve((request, response) => {
    request.resume().on('end', () => {
      const { status, body } = answer;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
    OTEL_EXPORTER_OTLP_HEADERS: `x-tenant=${canary('otlp')}`,
    OTEL_BSP_SCHEDULE_DELAY: '20',
  });
  api = await runApi();
  acme = await api.tenant('acme');
  answer = tokens(1);
  const credential = {
    id: 'app',
    provider: 'generic-oauth2',
    client_id: 'app',
    client_secret: canary('secret'),
    settings: { token_endpoint: `${provider.origin}/token?x=${canary('query')}` },
  };
  await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/credentials`, credential));
  const refresh = { grant: 'refresh_token', refresh_token: `${canary('refresh')}-0` };
  const connection = { id: 'main', credential: 'app', ...refresh };
  await expectStatus(201, acme.tenantAdmin('POST', `${acme.path}/connections`, connection));
  await api.database.setClockOffset(301);
});
const log = captureLog();
afterAll(async () => {
  log.restore();
  await api.close();
  await receiver.close();
  await provider.close();
});

function tokens(generation: number) {
  const access_token = `${canary('access')}-${generation}`;
  const refresh_token = `${canary('refresh')}-${generation}`;
  return { status: 200, body: { access_token, refresh_token, expires_in: 300, token_type: 'Bearer' } };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const traceparent = (trace: string) => `00-${trace}-00f067aa0ba902b7-01`;

/** Of one trace, once its request has ended: each span as the names on the way down to it, with its attributes. */
async function traceOf(traceId: string) {
  return eventually(() => {
    const own = spans.filter((span) => span.traceId === traceId);
    expect(own.some(({ kind }) => kind === 2)).toBe(true);
    const pathOf = ({ name, parentSpanId }: Span): string => {
      const parent = own.find(({ spanId }) => spanId === parentSpanId);
      return parent ? `${pathOf(parent)} > ${name}` : name;
    };
    return new Map(own.map((span) => [pathOf(span), span]));
  });
}

function attributesOf(span: Span | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

const read = 'GET /v1/tenants/:tenant/connections/:id/token';

describe('traces', () => {
  it('show a read that renews from its caller to the commit', async () => {
    answer = tokens(2);
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = {
      traceparent: traceparent(trace),
      tracestate: `x=${canary('state')}`,
      baggage: `x=${canary('baggage')}`,
      'x-request-id': 'traced-1',
    };
    const path = `${acme.path}/connections/main/token?min_ttl=1`;
    expect((await acme.reader('GET', path, undefined, headers)).json.generation).toBe(2);
    const found = await traceOf(trace);
    expect([...found.keys()].sort()).toEqual([
      read,
      `${read} > renewal`,
      `${read} > renewal > claim`,
      `${read} > renewal > commit`,
      `${read} > renewal > journal`,
      `${read} > renewal > journal reserve`,
      `${read} > renewal > provider request`,
    ]);
    expect(found.get(read)).toMatchObject({ kind: 2, parentSpanId: '00f067aa0ba902b7' });
    expect(attributesOf(found.get(read))).toEqual({
      'http.request.method': 'GET',
      'http.route': '/v1/tenants/:tenant/connections/:id/token',
      'http.response.status_code': 200,
      'grantkeeper.request_id': 'traced-1',
    });
    expect(attributesOf(found.get(`${read} > renewal`))).toMatchObject({
      'grantkeeper.generation': 1,
      'grantkeeper.outcome': 'renewed',
    });
    expect(found.get(`${read} > renewal > provider request`)).toMatchObject({ kind: 3 });
    expect(attributesOf(found.get(`${read} > renewal > provider request`))).toEqual({
      'grantkeeper.provider': 'generic-oauth2',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
    });
  });

  it('show a read from memory, and a renewal that fails', async () => {
    const cached = '5bf92f3577b34da6a3ce929d0e0e4736';
    const path = `${acme.path}/connections/main/token`;
    const client = acme.reader;
    expect((await client('GET', path, undefined, { traceparent: traceparent(cached) })).status).toBe(200);
    expect([...(await traceOf(cached)).keys()]).toEqual([read]);
    answer = { status: 400, body: { error: 'invalid_request', error_description: canary('words') } };
    const failed = '6bf92f3577b34da6a3ce929d0e0e4736';
    await acme.tenantAdmin('POST', `${acme.path}/connections/main/renew`, undefined, {
      traceparent: traceparent(failed),
    });
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'renewal failed', trace_id: failed }));
    const found = await traceOf(failed);
    const renewal = 'POST /v1/tenants/:tenant/connections/:id/renew > renewal';
    expect(attributesOf(found.get(renewal))).toMatchObject({ 'grantkeeper.outcome': 'failed' });
    expect(attributesOf(found.get(`${renewal} > commit`))).toEqual({
      'grantkeeper.outcome': 'invalid_request',
    });
  });

  it('show a renewal by the worker from its claim to the commit', async () => {
    answer = tokens(3);
    await api.database.query(
      'update gk.connections set next_renewal_at = gk.now(), retry_not_before = null, lease_expires_at = null',
    );
    expect(await api.app.get(Renewer).renewDue(1)).toBe(1);
    const found = await eventually(() => {
      const root = spans.find(({ name, parentSpanId }) => name === 'renewal' && !parentSpanId);
      expect(root).toBeDefined();
      return { root, below: spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId) };
    });
    const inOrder = found.below.sort((a, b) => Number(a.startTimeUnixNano) - Number(b.startTimeUnixNano));
    expect(inOrder.map(({ name }) => name)).toEqual([
      'claim',
      'journal reserve',
      'provider request',
      'journal',
      'commit',
    ]);
    expect(attributesOf(found.root)).toMatchObject({ 'grantkeeper.outcome': 'renewed' });
  });

  it('mark what no answer came to, by its code', async () => {
    const client = tokenEndpointClient();
    const url = 'http://127.0.0.1:1/token';
    await client.post({ providerId: 'nobody', url, form: {} }, within(1_000)).catch(() => undefined);
    client.close();
    const isIt = (span: Span) => attributesOf(span)['grantkeeper.provider'] === 'nobody';
    const span = await eventually(() => {
      expect(spans.some(isIt)).toBe(true);
      return spans.find(isIt);
    });
    expect(span?.status.code).toBe(2);
    expect(attributesOf(span)).toMatchObject({ 'error.type': 'connection_refused' });
  });

  it('are no matter of probes and scrapes', async () => {
    const trace = '7bf92f3577b34da6a3ce929d0e0e4736';
    for (const path of ['/livez', '/readyz', '/metrics', '/v1/providers'])
      await api.admin('GET', path, undefined, { traceparent: traceparent(trace) });
    expect([...(await traceOf(trace)).keys()]).toEqual(['GET /v1/providers']);
  });

  it('are told to a provider only where the operator says so', async () => {
    expect(provider.wire()).toContain('POST /token');
    expect(provider.wire().toLowerCase()).not.toContain('traceparent');
    const client = tokenEndpointClient({ traceparentToProviders: true });
    const url = `${provider.origin}/told`;
    await inSpan('a test', {}, () => client.post({ providerId: 'x', url, form: {} }, within(2_000)));
    client.close();
    expect(provider.wire()).toMatch(/\r\ntraceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\n/);
    expect(provider.wire()).not.toContain(canary('baggage'));
  });

  // At the end: it looks at all that was sent.
  it('hold no secret, whatever was in the request, in its answer or in the settings', async () => {
    expect(receivedHeaders.at(-1)?.['x-tenant']).toBe(canary('otlp'));
    const { json } = await acme.reader('GET', `/v1/tenants/acme?x=${canary('query')}`);
    expect(json.code).toBe('forbidden');
    await traceOf([...spans].reverse().find(({ name }) => name.startsWith('GET /v1'))?.traceId ?? '');
    canaries.set('admin key', api.adminKey);
    canaries.delete('otlp');
    expect(
      placesWith(
        canaries,
        new Map([['spans', JSON.stringify(spans) + receiver.wire().replaceAll(canary('otlp'), '')]]),
      ),
    ).toEqual([]);
  });
});
