import { HttpException } from '@nestjs/common';
import { AccessError } from '#access';
import { isDatabaseOutage, isPoolWait, VaultError } from '#vault';
import { Problem } from './problem.js';

const byStatus = {
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
} as const;

const details: Readonly<Record<number, string>> = {
  400: 'The request could not be read.',
  413: 'At most 64 KiB are accepted.',
  414: 'A part of the path is too long.',
  415: 'Only application/json is accepted here.',
};

/** The problem behind an error; undefined for what nobody expected. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof AccessError) return fromAccess(error);
  if (error instanceof VaultError) return fromVault(error);
  if (isPoolWait(error)) {
    return new Problem('unavailable', {
      detail: 'This replica is busy: no connection to the database came free in time; nothing was changed.',
      remedy: 'Try again; where it lasts, the operator adds replicas or raises GRANTKEEPER_DATABASE_POOL.',
      members: { reasons: ['busy'] },
    });
  }
  if (isDatabaseOutage(error)) {
    return new Problem('unavailable', {
      detail: 'The database cannot be reached; nothing was changed for certain.',
    });
  }
  const status = statusOf(error);
  if (status === undefined || status < 400 || status >= 500) return undefined;
  const detail = details[status];
  const code = status in byStatus ? byStatus[status as keyof typeof byStatus] : 'invalid_request';
  return new Problem(code, detail === undefined ? {} : { detail });
}

/** The same words whether it does not exist or is another tenant's. */
export function notFound(): Problem {
  return new Problem('not_found', { detail: 'There is no such resource, or this key may not know of it.' });
}

function fromAccess({ code, message, retryAfterSeconds }: AccessError): Problem {
  if (code === 'not_found') return notFound();
  if (code === 'issuer_unavailable') {
    return new Problem('unavailable', {
      detail: message,
      remedy: 'Try again; where it lasts, the operator looks at the jwks_uri in GRANTKEEPER_JWT_ISSUERS.',
      retryAfterSeconds: 5,
    });
  }
  if (code === 'rate_limited') return new Problem(code, { detail: message, retryAfterSeconds });
  if (code === 'forbidden') {
    return new Problem(code, {
      detail: message,
      remedy: 'Use a key of a role that may; see the roles in the documentation.',
    });
  }
  if (code === 'reauthentication_required') {
    return new Problem(code, { detail: message, remedy: 'Sign in to the console again, then repeat it.' });
  }
  return new Problem(code, {
    detail: message,
    remedy:
      'Send Authorization: Bearer with a key that is neither revoked nor expired, or with a JWT that is bound here.',
  });
}

function fromVault(error: VaultError): Problem | undefined {
  if (error.code === 'duplicate') return new Problem('conflict', { detail: error.message });
  if (error.code === 'in_use') {
    return new Problem('conflict', {
      detail: error.message,
      remedy: 'Delete the connections that use it first.',
    });
  }
  if (error.code === 'last_platform_key') {
    return new Problem('conflict', { detail: error.message, remedy: 'Create another platform key first.' });
  }
  if (error.code === 'too_many') {
    return new Problem('conflict', {
      detail: error.message,
      remedy: 'Delete one that is not needed any more.',
    });
  }
  if (error.code === 'not_audited') return new Problem('unavailable', { detail: error.message });
  if (error.code === 'kek_unavailable') {
    return new Problem('unavailable', {
      detail: error.message,
      remedy: 'Try again; where it lasts, the operator looks at the key service, and at GRANTKEEPER_KEKS.',
      members: { reasons: ['key_service_unavailable'] },
    });
  }
  return error.code === 'tenant_gone' ? notFound() : undefined;
}

/** Of the framework's own refusals. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
