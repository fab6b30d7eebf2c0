import { Injectable } from '@nestjs/common';
import { TokenReadLog } from '#access';
import { countTokenRead } from '#observability';
import { type TokenAnswer, TokenReader } from '#token-reads';
import type { Admitted } from './token-admission.js';

/** A read behind any door: counted in the metrics, and in the audit trail as its tenant wants it. */
@Injectable()
export class RecordedTokenReads {
  constructor(
    private readonly reader: TokenReader,
    private readonly reads: TokenReadLog,
  ) {}

  async read({ principal, tenant }: Admitted, slug: string, minTtlSeconds: number): Promise<TokenAnswer> {
    const beganAtMs = performance.now();
    const answer = await this.reader.read(tenant.id, slug, minTtlSeconds);
    countTokenRead(answer.kind === 'token' ? 'served' : answer.kind, performance.now() - beganAtMs);
    if (answer.kind !== 'token') return answer;
    const { callerId } = principal;
    const read = { tenantId: tenant.id, tenantSlug: tenant.slug, callerId, connection: slug };
    if (answer.token.auditedStrictly) await this.reads.commit(read);
    else this.reads.note(read);
    return answer;
  }
}
