import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CallProgress } from './call-progress.js';
import { EgressRefusedError, publicOnlyLookup } from './guarded-lookup.js';
import { isPublicAddress } from './public-address.js';

/** The demands of one request on its connection; they travel through Node's agent inside the request options. */
export interface ConnectionDemand {
  /** Only public addresses. */
  readonly guarded: boolean;
  readonly resolve: LookupFunction;
  readonly progress: CallProgress;
}

export type DemandingOptions = http.RequestOptions & { readonly demand?: ConnectionDemand };

type ConnectionCallback = (error: Error | null, socket: Duplex) => void;

/**
 * Both agents hand out a socket only when it is connected (and, for https, its peer verified). Until then nothing
 * can have been written, so a failure before that means that nothing of the request was sent.
 * Sockets opened for an exempt call never serve a guarded one: the demand is part of the pool's key.
 */
export class GuardedHttpAgent extends http.Agent {
  override getName(options?: DemandingOptions): string {
    return `${super.getName(options)}:${demandName(options)}`;
  }

  override createConnection(options: DemandingOptions, callback?: ConnectionCallback): undefined {
    connect((opening) => super.createConnection(opening) as Socket, 'connect', options, callback);
  }
}

export class GuardedHttpsAgent extends https.Agent {
  override getName(options?: DemandingOptions): string {
    return `${super.getName(options)}:${demandName(options)}`;
  }

  override createConnection(options: DemandingOptions, callback?: ConnectionCallback): undefined {
    connect((opening) => super.createConnection(opening) as Socket, 'secureConnect', options, callback);
  }
}

function demandName(options: DemandingOptions | undefined): string {
  return options?.demand?.guarded === false ? 'exempt' : 'guarded';
}

function connect(
  open: (options: http.RequestOptions) => Socket,
  readyEvent: 'connect' | 'secureConnect',
  options: DemandingOptions,
  callback: ConnectionCallback | undefined,
): void {
  const { demand } = options;
  if (!demand || !callback) throw new Error('This agent serves only requests that carry a demand.');
  const { guarded, progress, resolve } = demand;
  const fail = (error: Error) => {
    if (error instanceof EgressRefusedError) progress.egressRefused = true;
    // The callback's type has no form without a socket; Node looks at the error first.
    (callback as (error: Error) => void)(error);
  };

  const host = options.host ?? '';
  if (guarded && isIP(host) && !isPublicAddress(host)) {
    fail(new EgressRefusedError());
    return;
  }
  if (progress.expired()) {
    fail(new Error('The deadline has passed.'));
    return;
  }

  const socket = open({ ...options, lookup: guarded ? publicOnlyLookup(resolve) : resolve });
  const settle = () => {
    socket.off(readyEvent, onReady).off('error', onError).off('close', onClose);
    progress.signal.removeEventListener('abort', onAbort);
  };
  const onReady = () => {
    settle();
    callback(null, socket);
  };
  const onError = (error: Error) => {
    settle();
    socket.on('error', () => undefined).destroy();
    fail(error);
  };
  const onClose = () => onError(new Error('The connection closed before it was ready.'));
  const onAbort = () => onError(new Error('The deadline passed while connecting.'));
  socket.once(readyEvent, onReady).once('error', onError).once('close', onClose);
  progress.signal.addEventListener('abort', onAbort, { once: true });
}
