import { z } from 'zod';
import { type Grant, scopeOf } from './grant.js';
import { scopeField } from './grant-fields.js';

interface ClientCredentialsRequest {
  readonly scope?: string;
}

const fields = z.strictObject({ scope: scopeField });

/** RFC 6749 §4.4. */
export const clientCredentialsGrant: Grant<ClientCredentialsRequest, typeof fields> = {
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
  secrets: () => [],
  form: ({ scope }) => ({ grant_type: 'client_credentials', scope }),
  fromConnection: ({ scope }) => scopeOf(scope),
};
