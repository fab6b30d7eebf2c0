import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** Standard Webhooks: symmetric secrets have 24 to 64 bytes, are written in base64 and marked by `whsec_`. */
const secretBytes = 32;

export function newSigningSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`;
}

export const messageIdPattern = /^msg_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The id of a message, the same at every attempt: what a receiver compares to drop what it has had before. */
export function messageId(rowId: string): string {
  return `msg_${rowId.replaceAll('-', '')}`;
}

/** The row id behind a message id; undefined for what is not one. */
export function rowIdOf(id: string): string | undefined {
  const parts = messageIdPattern.exec(id);
  return parts?.slice(1).join('-');
}

/** @param at of the attempt, not of the event: receivers refuse what is more than five minutes away */
export function signedHeaders(
  secret: string,
  id: string,
  at: Date,
  body: string,
): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}
