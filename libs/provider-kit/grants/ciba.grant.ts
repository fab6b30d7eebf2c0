import { z } from 'zod';
import type { Grant } from './grant.js';
import { scopeField } from './grant-fields.js';

interface CibaRequest {
  readonly authReqId: string;
}

/** OpenID CIBA Core §7.1; a hint may be a token, and those are long. */
const hintField = z
  .string()
  .regex(/^[^\p{Cc}]{1,4096}$/u, 'must be 1 to 4096 characters without line breaks');

const fields = z.strictObject({ scope: scopeField, login_hint: hintField });

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
