import { z } from 'zod';
import type { Grant } from './grant.js';
import { scopeField } from './grant-fields.js';

interface DeviceCodeRequest {
  readonly deviceCode: string;
}

const fields = z.strictObject({ scope: scopeField });

/** RFC 8628: the user opens an address on another device, and enters a code there. */
export const deviceCodeGrant: Grant<DeviceCodeRequest, typeof fields> = {
  traits: {
    consent: 'backchannel',
    owner: 'user',
    keepsRefreshToken: true,
    repeatable: true,
    singleUse: 'always',
    polled: true,
    unknownIsFinal: false,
  },
  fields,
  secrets: ({ deviceCode }) => [deviceCode],
  // RFC 8628 §3.4.
  form: ({ deviceCode }) => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
  }),
};
