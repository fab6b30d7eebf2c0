/** Each role with the letter that marks its keys. */
export const roleLetters = {
  platform_admin: 'p',
  tenant_admin: 'a',
  connector: 'c',
  token_reader: 'r',
} as const;

export type Role = keyof typeof roleLetters;

/** Roles a key of one tenant may have. */
export const tenantRoles = ['tenant_admin', 'connector', 'token_reader'] as const satisfies readonly Role[];

export function isRole(value: string): value is Role {
  return Object.hasOwn(roleLetters, value);
}
