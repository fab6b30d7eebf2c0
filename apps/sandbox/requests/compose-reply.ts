import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Rule } from '../control/rule.schemas.js';
import type { ProviderReply } from '../issuers/issuer.js';
import { JSON_TYPE } from '../oauth/replies.js';
import { mergePatch } from './merge-patch.js';

const compress = promisify(gzip);

/** An answer ready for the socket. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** Whether the rule answers in the issuer's place, so that no token is issued. */
export function replacesIssuer(rule: Rule | undefined): boolean {
  return rule !== undefined && !rule.commit && (rule.status !== undefined || rule.body !== undefined);
}

/** Lays a rule over the issuer's answer; `vendor` is absent where the rule stands in for it. */
export async function composeReply(
  vendor: ProviderReply | undefined,
  rule: Rule | undefined,
): Promise<WireReply> {
  const headers: Record<string, string | string[]> = { ...vendor?.headers };
  if (rule === undefined) {
    return { status: vendor?.status ?? 200, headers, body: Buffer.from(vendor?.body ?? '') };
  }
  let text = vendor?.body ?? '';
  if (rule.patch !== undefined && vendor?.headers['content-type'] === JSON_TYPE && vendor.status < 300) {
    text = JSON.stringify(mergePatch(JSON.parse(text), rule.patch));
  }
  if (rule.body !== undefined) {
    const isText = typeof rule.body === 'string';
    text = typeof rule.body === 'string' ? rule.body : JSON.stringify(rule.body);
    headers['content-type'] = isText ? 'text/plain; charset=utf-8' : JSON_TYPE;
  }
  if (rule.content_type !== undefined) headers['content-type'] = rule.content_type;
  for (const [name, value] of Object.entries(rule.headers ?? {})) headers[name.toLowerCase()] = value;

  // Blanks after the end leave JSON valid: only a size cap notices.
  let body = Buffer.concat([Buffer.from(text), Buffer.alloc(rule.pad_bytes ?? 0, ' ')]);
  if (rule.gzip === true) {
    headers['content-encoding'] = 'gzip';
    body = Buffer.from(await compress(body));
  }
  return { status: rule.status ?? vendor?.status ?? 200, headers, body };
}
