import { z } from 'zod';
import type { Grant } from './grant.js';
import { lineField, scopeField } from './grant-fields.js';

interface CibaRequest {
  readonly authReqId: string;
}

const fields = z.strictObject({ scope: scopeField, login_hint: lineField });

/** OpenID CIBA Core §10.1. */
export const cibaGrant: Grant<CibaRequest, typeof fields> = {
  traits: {
    consent: 'backchannel',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: true,
    singleUse: 'always',
    polled: true,
    unknownIsFinal: false,
    // OpenID CIBA Core §11: after this word the `auth_req_id` must not be used again.
    errorCodes: { invalid_request: 'invalid_grant' },
  },
  fields,
  subjectField: 'login_hint',
  secrets: ({ authReqId }) => [authReqId],
  form: ({ authReqId }) => ({ grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: authReqId }),
};
