import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, type SandboxControl } from '#testing';

interface UpstreamRequest {
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A provider's API: it takes only a token that the provider would accept, and none that was refused here. */
export interface DemandingUpstream {
  readonly origin: string;
  readonly requests: UpstreamRequest[];
  /** Access tokens that it refuses from now on. */
  readonly refused: Set<string>;
  refusesAll: boolean;
  close(): Promise<void>;
}

/** `GET /redirect?to=` leads there by 307. A refusal has a body of some size, as those of proxies have. */
export async function demandingUpstream(sandbox: SandboxControl): Promise<DemandingUpstream> {
  const refused = new Set<string>();
  const requests: UpstreamRequest[] = [];
  const isAccepted = async (authorization = '') => {
    const token = /^bearer (.+)$/i.exec(authorization)?.[1];
    if (token === undefined || upstream.refusesAll || refused.has(token)) return false;
    return (await sandbox.judge(token)).accepted;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization } = request.headers;
    const body = await text(request);
    requests.push({ authorization, body });
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream.test');
    if (!(await isAccepted(authorization)))
      return response.writeHead(401).end(`refused ${'.'.repeat(200_000)}`);
    if (pathname !== '/redirect') return response.writeHead(200).end(`welcome ${body}`);
    return response.writeHead(307, { location: searchParams.get('to') ?? '/' }).end();
  };
  const server = createServer((request, response) => void answer(request, response));
  const { origin, close } = await listen(server);
  const upstream: DemandingUpstream = { origin, requests, refused, refusesAll: false, close };
  return upstream;
}
