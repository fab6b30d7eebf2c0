import { jsonReply } from '../../oauth/replies.js';
import type { ProviderReply } from '../issuer.js';

/** As a WSO2 API Manager writes them: the description first. */
export function wso2Error(status: number, error: string, description: string): ProviderReply {
  const challenge: Record<string, string> =
    status === 401 ? { 'www-authenticate': 'Basic realm="vonage-business"' } : {};
  return jsonReply(status, { error_description: description, error }, challenge);
}

export function invalidRequest(description: string): ProviderReply {
  return wso2Error(400, 'invalid_request', description);
}

export function invalidGrant(description: string): ProviderReply {
  return wso2Error(400, 'invalid_grant', description);
}
