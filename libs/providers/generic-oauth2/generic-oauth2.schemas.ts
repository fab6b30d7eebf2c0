import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import {
  clientSecretField,
  codeFlowSettings,
  codeFlowSettingsChangedWithoutSecret,
  longClientIdField,
  privateKeyField,
} from '#oauth-http';
import { inputIssues, inputValuesSchema, usableValues } from './preset-inputs.js';
import { type Preset, presets, settingsOf } from './presets.js';
import { serverSettings } from './server-settings.schemas.js';

export const credentialSchema = z
  .strictObject({
    client_id: longClientIdField.meta({ title: 'Client id', description: 'As registered at the server.' }),
    client_secret: clientSecretField.optional().meta({
      title: 'Client secret',
      description: 'For settings.client_auth client_secret_basic, client_secret_post and client_secret_jwt.',
    }),
    private_key: privateKeyField.optional().meta({
      title: 'Private key',
      description:
        'For the grant jwt_bearer and settings.client_auth private_key_jwt, tls_client_auth and bearer_jwt, in PEM: RSA, EC or Ed25519.',
    }),
  })
  .refine(({ client_secret, private_key }) => client_secret === undefined || private_key === undefined, {
    path: ['private_key'],
    message: 'must not stand beside a client_secret',
  });

const fields = z.strictObject({
  preset: z
    .enum([...presets.keys()])
    .optional()
    .meta({ title: 'Preset', description: 'Settings of a known server; what is given here goes before.' }),
  preset_inputs: inputValuesSchema.optional().meta({
    title: 'Preset inputs',
    description: 'What the preset leaves open, by name: see inputs of GET /v1/presets.',
  }),
  ...serverSettings,
  ...codeFlowSettings,
});

/** Without defaults, so that what an admin left open is the preset's to say, also when that changes. */
export const settingsSchema = fields.superRefine((settings, context) => {
  const preset = presetOf(settings);
  const issues = inputIssues(preset?.inputs ?? {}, settings.preset_inputs ?? {});
  for (const [name, message] of issues) {
    context.addIssue({ code: 'custom', path: ['preset_inputs', name], message });
  }
  if (issues.size > 0) return;
  const {
    issuer,
    token_endpoint,
    authorization_response_iss_parameter_supported: namesIssuer,
    tokens_never_expire: never,
    assumed_expires_in: assumed,
    account_from: accountFrom,
    account_id_path: accountIdPath,
  } = withPreset(settings);
  if (issuer === undefined && token_endpoint === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['token_endpoint'],
      message: 'is required when there is no issuer to discover it from',
    });
  }
  if (never && assumed !== undefined) {
    context.addIssue({
      code: 'custom',
      path: ['assumed_expires_in'],
      message: 'must not stand beside tokens_never_expire',
    });
  }
  if (accountFrom === 'token_response' && accountIdPath === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['account_id_path'],
      message: 'is required where account_from is token_response',
    });
  }
  if (namesIssuer && issuer === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['issuer'],
      message: 'is required to compare the issuer in callbacks with',
    });
  }
});

/** How an answer is read, and what a person is asked for; neither addresses nor anything that is sent with a secret. */
export const settingsChangedWithoutSecret = [
  ...codeFlowSettingsChangedWithoutSecret,
  'default_scope',
  'scope_separator',
  'send_scope',
  'send_scope_on_refresh',
  'login_hint_prefix',
  'username_suffix',
  'allow_password_grant',
  'assumed_expires_in',
  'assumed_refresh_expires_in',
  ...['token_path', 'token_types', 'token_type_optional', 'expires_in_unit', 'expires_at_field'],
  ...['tokens_never_expire', 'token_fields', 'callback_fields', 'account_from', 'account_id_path'],
  ...['error_paths', 'error_codes', 'error_rules', 'renewal_lead_seconds'],
  'rotation',
  'one_token_per_user',
] as const satisfies (keyof GivenSettings)[];

const defaults = {
  basic_encoding: 'form',
  client_id_in_body: false,
  client_assertion_audience: 'issuer',
  bearer_jwt_client_claim: 'iss',
  scope_separator: ' ',
  send_scope: true,
  send_scope_on_refresh: false,
  code_challenge_method: 'S256',
  login_hint_prefix: '',
  username_suffix: '',
  allow_password_grant: false,
  token_request_format: 'form',
  token_type_optional: false,
  expires_in_unit: 's',
  tokens_never_expire: false,
  rotation: 'strict',
  one_token_per_user: false,
} as const satisfies GivenSettings;

type GivenSettings = z.infer<typeof fields>;
export type GenericOauth2Settings = Omit<GivenSettings, keyof typeof defaults> & {
  readonly [Name in keyof typeof defaults]: NonNullable<GivenSettings[Name]>;
};

/** By the text of what was given: each renewal asks several times, and most credentials of a server have the same. */
const resolved = new LRUCache<string, GenericOauth2Settings>({ max: 1_000 });

/**
 * The settings of a credential with those of its preset under them and the defaults at the bottom. Total, for answers
 * are read with it: settings that cannot be read count as not given.
 *
 * @returns the same frozen object for the same settings
 */
export function resolveSettings(settings: unknown): GenericOauth2Settings {
  const given = typeof settings === 'object' && settings !== null ? settings : {};
  const text = JSON.stringify(given);
  const known = resolved.get(text) ?? resolve(given);
  resolved.set(text, known);
  return known;
}

function resolve(settings: object): GenericOauth2Settings {
  const given = withPreset(fields.safeParse(settings).data ?? {});
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.freeze({ ...defaults, ...Object.fromEntries(said) });
}

/** The inputs stay in, with the values they have where none is given: what they fill in is guarded as they are. */
function withPreset({ preset: name, ...given }: GivenSettings): Omit<GivenSettings, 'preset'> {
  const preset = presetOf({ preset: name });
  if (preset === undefined) return given;
  const values = usableValues(preset.inputs, given.preset_inputs ?? {});
  return {
    ...settingsOf(preset, values),
    ...given,
    ...(Object.keys(values).length === 0 ? {} : { preset_inputs: values }),
  };
}

function presetOf({ preset }: Pick<GivenSettings, 'preset'>): Preset | undefined {
  return preset === undefined ? undefined : presets.get(preset);
}
