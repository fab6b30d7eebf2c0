import type { z } from 'zod';
import type { GrantType } from './grants/grants.js';
import type { ProviderPreset } from './provider-preset.js';

/**
 * The effect of a refresh on the refresh token it used:
 * `none`: it stays · `grace`: it dies a while after · `confirm_on_use`: it dies when the new one is used ·
 * `strict`: it dies at once, and using it again may end the whole grant. Unknown counts as `strict`.
 */
export type RotationMode = 'none' | 'grace' | 'confirm_on_use' | 'strict';

export interface ProviderLifetimes {
  /** Seconds, taken when a token response names none; null where the provider documents none. */
  readonly accessTokenSeconds: number | null;
  /** Seconds a refresh token lives unused; null where unknown or where there are none. */
  readonly refreshTokenSeconds: number | null;
  /** Seconds from the callback within which a code can be exchanged; null where unknown (RFC 6749 §4.1.2: at most 600). */
  readonly authorizationCodeSeconds: number | null;
}

/** All that the rest of the system may know about a provider. Published by `GET /v1/providers`. */
export interface ProviderDescriptor {
  /** kebab-case, stable, the folder's name. */
  readonly id: string;
  readonly name: string;
  readonly documentationUrl: string;
  /** Where its requests go; `{name}` is where the setting of that name goes. Absent: addresses in the settings. */
  readonly origin?: string;
  readonly grants: readonly GrantType[];
  readonly lifetimes: ProviderLifetimes;
  /** `client_id` with `client_secret` or `private_key`, as an admin posts them. Strict: unknown fields are refused. */
  readonly credentialSchema: z.ZodType<ClientCredentials>;
  /** Strict: unknown fields are refused. */
  readonly settingsSchema: z.ZodType<ProviderSettings>;
  /**
   * The settings that decide neither where secrets and tokens are sent nor how the client authenticates. A change of
   * any other setting needs the secret in the same request, so one that is forgotten here is guarded.
   */
  readonly settingsChangedWithoutSecret: readonly string[];
  /**
   * The fields that a new connection of a grant must or may name besides those of every connection, where they
   * differ from what is usual for the grant. Strict. `scope` may be narrowed here too.
   */
  readonly grantFields?: Partial<Record<GrantType, z.ZodObject>>;
  /** Which of these names the user, where it is another than is usual for the grant. */
  readonly subjectFields?: Partial<Record<GrantType, string>>;
  /** Known servers that its settings can name. Absent: its settings are of one server. */
  readonly presets?: readonly ProviderPreset[];
  readonly rotation: RotationMode;
  /** True where a renewal kills the access token before it: it is then done as late as is safe. */
  readonly renewalInvalidatesPrevious: boolean;
  /** True where an expired token can be had again by a new, silent CIBA request. */
  readonly cibaReissue: boolean;
}

export type ProviderSettings = Readonly<Record<string, unknown>>;

/** As posted: exactly one of the two secrets. */
export interface ClientCredentials {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  readonly private_key?: string | undefined;
}
