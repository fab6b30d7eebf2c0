import type { ProviderDialect } from '#oauth-http';
import type { GenericOauth2Settings } from './generic-oauth2.schemas.js';

/**
 * No deviations but those of the settings. No lifetime is documented for a server nobody knows: unless a setting says
 * one, an answer without `expires_in` is refused.
 */
export function dialectOf(settings: GenericOauth2Settings): ProviderDialect {
  return {
    assumedLifetimeSeconds: settings.assumed_expires_in ?? null,
    assumedRefreshLifetimeSeconds: settings.assumed_refresh_expires_in,
    tokenTypeOptional: settings.token_type_optional,
    tokenPath: settings.token_path,
    tokenTypes: settings.token_types,
    expiresInUnit: settings.expires_in_unit,
    expiresAtField: settings.expires_at_field,
    tokensNeverExpire: settings.tokens_never_expire,
    tokenFields: settings.token_fields,
    callbackFields: settings.callback_fields,
    accountPath: settings.account_from === 'token_response' ? settings.account_id_path : undefined,
    errorPaths: settings.error_paths,
    errorRules: settings.error_rules,
    ...(settings.error_codes === undefined ? {} : { errorCodes: settings.error_codes }),
  };
}
