/** One list of what the vault refuses. None of the messages holds a secret. */
const messages = {
  cannot_open: 'A sealed value does not open here: it was moved, replaced, or sealed under another key.',
  unknown_key: 'A data key is wrapped by a key-encryption key that GRANTKEEPER_KEKS does not list.',
  kek_unavailable:
    'A key-encryption key cannot be used at the moment, and so what it wraps cannot be opened.',
  tenant_gone: 'The tenant, or what it would belong to, has been removed.',
  duplicate: 'Something of that name exists already.',
  in_use: 'It is still in use.',
  last_platform_key:
    'It is the last key of the platform: without it nobody could administer this installation.',
  too_many: 'The tenant has as many of these as it may have.',
  not_audited: 'The audit event of this call could not be written, so it was not done.',
  unsafe_role: 'The database would not enforce tenant isolation for this login.',
  schema_mismatch: 'The database has another schema version than this build can work with.',
} as const;

export type VaultErrorCode = keyof typeof messages;

export class VaultError extends Error {
  override readonly name = 'VaultError';

  constructor(
    readonly code: VaultErrorCode,
    detail?: string,
  ) {
    super(detail === undefined ? messages[code] : `${messages[code]} ${detail}`);
  }
}
