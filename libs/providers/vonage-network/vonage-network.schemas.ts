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
  login_hint_prefix: z.enum(['tel:', '', 'ipport:', 'operatortoken:']).default('tel:').meta({
    title: 'Login hint prefix',
    description:
      'What goes before the login hint of a CIBA request. tel: or nothing: the hint is a phone number. ipport: and operatortoken: are hints of CAMARA, an address with its port and a token of the operator; whether Vonage takes them is not verified.',
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
    .regex(
      /^(?:dpv:[\w-]+#[\w:.-]+|dpv:[\w-]+ (?!dpv:|openid$)[\w:.-]+|(?!dpv:|openid )[\w:.-]+ dpv:[\w-]+)$/,
      'must be exactly one scope, of the form dpv:<purpose>#<api-scope> or dpv:<purpose> <api-scope>',
    )
    .meta({
      title: 'Scope',
      description:
        'Exactly one, of the form dpv:<purpose>#<api-scope>. CAMARA has the purpose as a scope of its own, dpv:<purpose> <api-scope>; whether Vonage takes that is not verified.',
    }),
  return_url: z.string().max(2048).optional().meta({
    title: 'Return URL',
    description: 'Where the browser goes at last; one of settings.return_urls.',
  }),
});

export const cibaFields = z.strictObject({
  login_hint: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, e164Message)
    .meta({
      title: 'Login hint',
      description:
        'The phone number in E.164; tel: may stand before it. With settings.login_hint_prefix ipport: or operatortoken: such a hint.',
    }),
  scope: z
    .string()
    .max(1000)
    .regex(
      /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
      'must be scopes divided by one space',
    )
    .refine(hasOnePurpose, 'must name one purpose, dpv:<purpose>, and not beside dpv:<purpose>#<api-scope>')
    .meta({
      title: 'Scope',
      description:
        'dpv:<purpose>#<api-scope>, or dpv:<purpose> and API scopes as CAMARA has it; openid is put before it.',
    }),
});

/** CAMARA: a request has exactly one purpose. Where it stands in the scope itself, each scope has its own. */
function hasOnePurpose(scope: string): boolean {
  const purposes = scope.split(' ').filter((name) => name.startsWith('dpv:'));
  const alone = purposes.filter((name) => !name.includes('#'));
  return alone.length === 0 || purposes.length === 1;
}

/** By its prefix, the form of a hint. */
const hints: Readonly<Record<VonageNetworkSettings['login_hint_prefix'], { form: RegExp; message: string }>> =
  {
    'tel:': { form: new RegExp(`^(?:tel:)?${e164}$`), message: e164Message },
    '': { form: new RegExp(`^(?:tel:)?${e164}$`), message: e164Message },
    'ipport:': {
      form: /^(?:ipport:)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:]{2,39}\]):\d{1,5}$/,
      message: 'must be a public address and a port, such as ipport:203.0.113.7:50000',
    },
    'operatortoken:': {
      form: /^(?:operatortoken:)?(?!tel:|ipport:|\+)[\x21-\x7e]+$/,
      message: 'must be a token of the operator, such as operatortoken:eyJhbGci',
    },
  };

/** @returns what is wrong with a hint; undefined when nothing is */
export function hintFault(
  hint: string,
  prefix: VonageNetworkSettings['login_hint_prefix'],
): string | undefined {
  const { form, message } = hints[prefix];
  return form.test(hint) ? undefined : message;
}
