import { randomUUID } from 'node:crypto';
import type { JsonMembers } from '../../json.js';
import { jsonReply } from '../../oauth/replies.js';
import type { ProviderReply } from '../issuer.js';

export type Dialect = 'oauth' | 'problem' | 'camara';

/** One failure, with the words of each dialect. */
export interface Failure {
  readonly status: number;
  /** RFC 6749 §5.2. */
  readonly oauthError: string;
  readonly camaraCode: string;
  readonly title: string;
  readonly detail: string;
}

export function failureBody(dialect: Dialect, failure: Failure): JsonMembers {
  const { status, oauthError, camaraCode, title, detail } = failure;
  switch (dialect) {
    case 'oauth':
      return { error: oauthError, error_description: detail };
    case 'problem':
      return {
        type: `https://developer.vonage.com/api-errors#${title.toLowerCase().replaceAll(' ', '-')}`,
        title,
        detail,
        instance: randomUUID(),
      };
    case 'camara':
      return { status, code: camaraCode, message: detail };
  }
}

/** The three ways these APIs say no, one status each: OAuth, RFC 7807, CAMARA. */
export function refusal(dialect: Dialect, failure: Failure): ProviderReply {
  const type = dialect === 'problem' ? { 'content-type': 'application/problem+json' } : {};
  return jsonReply(failure.status, failureBody(dialect, failure), type);
}

export function oauthRefusal(error: string, description: string): ProviderReply {
  return jsonReply(400, { error, error_description: description });
}

/** The problem document of a bad Network Enablement request. */
export function badRequestProblem(detail: string): ProviderReply {
  return refusal('problem', {
    status: 400,
    oauthError: 'invalid_request',
    camaraCode: 'INVALID_ARGUMENT',
    title: 'Bad Request',
    detail,
  });
}

export const UNSUPPORTED_NETWORK: Failure = {
  status: 404,
  oauthError: 'invalid_request',
  camaraCode: 'NOT_FOUND',
  title: 'Not Found',
  detail: 'The phone number does not belong to a supported network',
};

export const PERMISSION_DENIED: Failure = {
  status: 403,
  oauthError: 'access_denied',
  camaraCode: 'PERMISSION_DENIED',
  title: 'Forbidden',
  detail: 'Client does not have sufficient permissions to perform this action',
};
