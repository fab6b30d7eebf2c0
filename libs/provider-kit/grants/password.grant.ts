import { z } from 'zod';
import { type Grant, scopeOf } from './grant.js';
import { lineField, scopeField, secretField } from './grant-fields.js';

interface PasswordRequest {
  readonly username: string;
  readonly password: string;
  readonly scope?: string;
}

const fields = z.strictObject({
  scope: scopeField,
  username: lineField,
  password: secretField,
  keep_password: z
    .boolean()
    .optional()
    .describe('Keep it, to get a new grant when this one has died. Default: false.'),
});

/** RFC 6749 §4.3. */
export const passwordGrant: Grant<PasswordRequest, typeof fields> = {
  traits: {
    consent: 'none',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: true,
    singleUse: 'never',
    polled: false,
    unknownIsFinal: false,
  },
  fields,
  subjectField: 'username',
  secrets: ({ password }) => [password],
  form: ({ username, password, scope }) => ({ grant_type: 'password', username, password, scope }),
  fromFields: ({ username, password, scope }) => ({ username, password, ...scopeOf(scope) }),
};
