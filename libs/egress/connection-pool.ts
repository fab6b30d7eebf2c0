import http from 'node:http';
import https from 'node:https';
import { type ConnectionDemand, GuardedHttpAgent, GuardedHttpsAgent } from './guarded-agent.js';

/**
 * How long an idle socket is kept, in milliseconds: under the 5 s that Node's own server, and the shortest of the
 * usual load balancers, wait before they close. Where a server announces less, Node's agent keeps to that less 1 s.
 */
const idleSocketMs = 4_000;

const maxIdleSocketsPerHost = 32;

/** By which the client proves itself in the TLS handshake (RFC 8705 §2), both in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export type Transport = {
  request(
    options: http.RequestOptions,
    onResponse: (response: http.IncomingMessage) => void,
  ): http.ClientRequest;
};

/**
 * Requests that may be repeated share kept-alive sockets. One that sends a one-time credential gets a socket of
 * its own: a pooled one may have been closed by the peer a moment ago, and then nobody can tell a request that was
 * never read from one that was answered into the void.
 */
export class ConnectionPool {
  private readonly pooled = {
    'http:': new GuardedHttpAgent(keepAlive()),
    'https:': new GuardedHttpsAgent(keepAlive()),
  };
  private readonly fresh = { 'http:': new GuardedHttpAgent(), 'https:': new GuardedHttpsAgent() };

  /** The transport of one call: checks the deadline last thing before the request is written. */
  transport(demand: ConnectionDemand, reuse: boolean, certificate?: ClientCertificate): Transport {
    const agents = reuse ? this.pooled : this.fresh;
    return {
      request: (options, onResponse) => {
        const secure = options.protocol === 'https:';
        // Node keeps sockets with different certificates apart.
        const demanding = { ...options, ...certificate, demand, agent: agents[secure ? 'https:' : 'http:'] };
        const request = (secure ? https : http).request(demanding, onResponse);
        // Node emits `socket` with the connected socket, and writes as soon as its listeners return.
        request.once('socket', () => {
          if (demand.progress.expired()) request.destroy(new Error('The deadline has passed.'));
          else demand.progress.requestSent = true;
        });
        return request;
      },
    };
  }

  close(): void {
    for (const agents of [this.pooled, this.fresh]) {
      agents['http:'].destroy();
      agents['https:'].destroy();
    }
  }
}

function keepAlive(): http.AgentOptions {
  return { keepAlive: true, timeout: idleSocketMs, maxFreeSockets: maxIdleSocketsPerHost };
}
