import { z } from 'zod';
import {
  clientIdField,
  codeFlowSettings,
  codeFlowSettingsChangedWithoutSecret,
  rsaPrivateKeyField,
} from '#oauth-http';

export const credentialSchema = z.strictObject({
  client_id: clientIdField.meta({
    title: 'Application id',
    description: 'The id of the Vonage application that the network profile is linked to.',
  }),
  private_key: rsaPrivateKeyField.meta({
    title: 'Private key',
    description:
      'The private key of that application in PEM, RSA of at least 2048 bits; line breaks may be \\n.',
  }),
});

export const settingsSchema = z.strictObject({
  region: z.enum(['eu', 'us', 'ap']).default('eu').meta({
    title: 'Region',
    description: 'Which of api-eu, api-us and api-ap is asked. The vendor documents eu.',
  }),
  scopes_field: z.enum(['scopes', 'scope']).default('scopes').meta({
    title: 'Scopes field',
    description:
      "The name of the list of scopes in a Network Enablement request. The vendor's sources show both.",
  }),
  login_hint_prefix: z.enum(['tel:', '']).default('tel:').meta({
    title: 'Login hint prefix',
    description: 'What goes before the phone number in a CIBA request.',
  }),
  ...codeFlowSettings,
});

export type VonageNetworkSettings = z.infer<typeof settingsSchema>;

export const settingsChangedWithoutSecret = [
  ...codeFlowSettingsChangedWithoutSecret,
  'scopes_field',
  'login_hint_prefix',
] as const satisfies (keyof VonageNetworkSettings)[];

const e164 = '\\+[1-9]\\d{6,14}';
const e164Message = 'must be a phone number in E.164, such as +447700900000';

/** One token is for one phone number, so the connection names it. */
export const authorizationCodeFields = z.strictObject({
  phone_number: z
    .string()
    .regex(new RegExp(`^${e164}$`), e164Message)
    .meta({ title: 'Phone number', description: 'In E.164, with the plus.' }),
  scope: z
    .string()
    .max(200)
    .regex(/^dpv:[\w-]+#[\w:.-]+$/, 'must be exactly one scope of the form dpv:<purpose>#<api-scope>')
    .meta({ title: 'Scope', description: 'Exactly one, of the form dpv:<purpose>#<api-scope>.' }),
  return_url: z.string().max(2048).optional().meta({
    title: 'Return URL',
    description: 'Where the browser goes at last; one of settings.return_urls.',
  }),
});

export const cibaFields = z.strictObject({
  login_hint: z
    .string()
    .regex(new RegExp(`^(?:tel:)?${e164}$`), e164Message)
    .meta({ title: 'Login hint', description: 'The phone number in E.164; tel: may stand before it.' }),
  scope: z
    .string()
    .max(1000)
    .regex(
      /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
      'must be scopes divided by one space',
    )
    .meta({ title: 'Scope', description: 'dpv:<purpose>#<api-scope>; openid is put before it.' }),
});
