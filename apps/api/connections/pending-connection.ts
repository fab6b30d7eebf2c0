import { z } from 'zod';
import type { AuthorizationStart, BackchannelStart } from '#connect';
import type { DevicePrompt } from '#provider-kit';
import type { Connection } from '#vault';
import { rfc3339, timestamp } from '../http/common.schemas.js';
import { connectionJson, connectionSchema } from './connection.schemas.js';

/** How making a connection is answered: 201 with what works, 202 with what somebody else must do next. */
export interface Begun {
  readonly status: 201 | 202;
  readonly body: Record<string, unknown>;
}

export const pendingConnectionSchema = connectionSchema.extend({
  authorization_url: z.url().optional().describe('Where to send the browser; works once, until expires_at.'),
  requires_carrier_network: z.boolean().optional().describe('The device must not be on Wi-Fi.'),
  verification_uri: z.url().optional().describe('Where the user enters the code (RFC 8628).'),
  verification_uri_complete: z.url().optional().describe('The same with the code in it.'),
  user_code: z.string().optional().describe('What the user enters there.'),
  interval: z.number().optional().describe('Seconds between two polls of the provider; they are ours to do.'),
  expires_at: timestamp.optional().describe('Until then somebody must have consented.'),
});

export function redirectJson(
  connection: Connection,
  tenant: string,
  started: Extract<AuthorizationStart, { kind: 'started' }>,
) {
  return {
    ...connectionJson(connection, tenant),
    authorization_url: started.authorizationUrl,
    expires_at: inSeconds(started.expiresInSeconds),
    ...(started.requiresCarrierNetwork ? { requires_carrier_network: true } : {}),
  };
}

export function backchannelJson(
  connection: Connection,
  tenant: string,
  started: Extract<BackchannelStart, { kind: 'pending' }>,
) {
  const { prompt } = started;
  return {
    ...connectionJson(connection, tenant),
    ...(prompt ? promptJson(prompt) : {}),
    interval: started.intervalSeconds,
    expires_at: inSeconds(started.expiresInSeconds),
  };
}

function promptJson({ verificationUri, verificationUriComplete, userCode }: DevicePrompt) {
  return {
    verification_uri: verificationUri,
    ...(verificationUriComplete === undefined ? {} : { verification_uri_complete: verificationUriComplete }),
    user_code: userCode,
  };
}

function inSeconds(seconds: number): string {
  return rfc3339(new Date(Date.now() + seconds * 1_000));
}
