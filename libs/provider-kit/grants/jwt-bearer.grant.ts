import { z } from 'zod';
import { type Grant, scopeOf } from './grant.js';
import { lineField, scopeField } from './grant-fields.js';

interface JwtBearerRequest {
  /** The `sub` of the assertion: whom the token is for. */
  readonly subject: string;
  readonly scope?: string;
}

const fields = z.strictObject({
  scope: scopeField,
  assertion_subject: lineField.describe('The sub of the assertion: the user or the account it is for.'),
});

/** RFC 7523 §2.1: an assertion that the client signs, anew for each renewal. The adapter, which has the key, adds it. */
export const jwtBearerGrant: Grant<JwtBearerRequest, typeof fields> = {
  traits: {
    consent: 'none',
    owner: 'client',
    keepsRefreshToken: false,
    repeatable: true,
    singleUse: 'never',
    polled: false,
    unknownIsFinal: false,
  },
  fields,
  subjectField: 'assertion_subject',
  secrets: () => [],
  form: ({ scope }) => ({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', scope }),
  fromConnection: ({ subject, scope }) => ({ subject: subject ?? '', ...scopeOf(scope) }),
};
