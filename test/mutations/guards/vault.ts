import { guard } from '../guard.ts';

const policies = 'libs/vault/schema/policies.sql';
const isolation = 'test/security/rls.spec.ts';
const catalogue = 'libs/vault/schema/catalogue.int-spec.ts';
const binding = 'libs/vault/encryption/binding.ts';
const sealer = 'libs/vault/encryption/sealer.spec.ts';
const movedRows = 'test/security/writer-rows.spec.ts';
const apiKeys = 'libs/vault/repositories/api-key.repository.ts';
const repositories = 'libs/vault/repositories/repositories.int-spec.ts';

export const vaultGuards = [
  guard(
    'row-level security is forced on owners',
    'libs/vault/schema.int-spec.ts',
    [policies, 'enable row level security; alter table gk.%I force', 'enable'],
    // The migration itself would refuse to end.
    [
      'libs/vault/check-schema.ts',
      'and not (relrowsecurity and relforcerowsecurity)',
      'and not relrowsecurity',
    ],
  ),
  guard(
    'a policy shows a tenant its own rows',
    [isolation, 'shows a tenant its own rows'],
    [
      policies,
      "create policy tenant on gk.%I to grantkeeper_app using (tenant_id = (select gk.tenant_id()))'",
      "create policy tenant on gk.%I to grantkeeper_app using (true)'",
    ],
  ),
  guard(
    "a policy keeps the platform's own rows from tenants",
    [isolation, 'no row of the platform'],
    [policies, 'or (tenant_id is null and (select gk.is_platform()))', 'or tenant_id is null'],
  ),
  guard(
    'a batch shows the clerk the rows of its own tenants',
    ['libs/vault/schema.int-spec.ts', 'shows the clerk the rows'],
    [policies, 'using (tenant_id = any ((select gk.tenant_ids())::uuid[]))', 'using (true)'],
  ),
  guard(
    'a batch leaves no tenant to what follows in its transaction',
    ['libs/vault/schema.int-spec.ts', 'forgets the tenants'],
    [
      'libs/vault/schema/functions/load_claims.sql',
      "perform set_config('gk.tenant_ids', '', true);",
      'null;',
    ],
  ),
  guard('nobody executes a function by being PUBLIC', catalogue, [
    'libs/vault/schema/define-functions.ts',
    ' from public, ',
    ' from ',
  ]),
  guard('the application role owns no function', catalogue, [
    'libs/vault/schema/functions/append_audit_events.sql',
    '-- owner: grantkeeper_scheduler',
    '-- owner: grantkeeper_app',
  ]),
  guard('a ciphertext is bound to its tenant', sealer, [binding, 'ten: binding.tenantId', "ten: ''"]),
  guard('a ciphertext is bound to its row', sealer, [binding, 'row: binding.rowId', "row: ''"]),
  guard('a ciphertext is bound to its generation', sealer, [binding, 'gen: binding.generation', 'gen: 0']),
  guard('a ciphertext is bound to its installation', sealer, [binding, 'dep: deploymentId', "dep: ''"]),
  guard('a secret is bound to the settings that say where it goes', movedRows, [
    'libs/vault/repositories/credential-seal.ts',
    'canonical([provider, clientId, settings])',
    'canonical([provider, clientId])',
  ]),
  guard('tokens are bound to their client credentials', movedRows, [
    'libs/vault/repositories/bound-contents.ts',
    'if (sealedFor !== credentialId) {',
    'if (sealedFor === undefined) {',
  ]),
  guard('an API key in the database carries an HMAC', movedRows, [
    apiKeys,
    'return row && isOurs(this.macs, sealedMembers({ ...row, hash }), row) ? row : undefined;',
    'return row;',
  ]),
  guard('the HMAC of an API key covers its role', movedRows, [
    apiKeys,
    "    hash.toString('hex'),\n    role,\n",
    "    hash.toString('hex'),\n",
  ]),
  guard('a workload identity in the database carries an HMAC', movedRows, [
    'libs/vault/repositories/workload-identity.repository.ts',
    'return rows.filter((row) => isOurs(this.macs, sealedMembers(row), row));',
    'return rows;',
  ]),
  guard('the last platform key stays', repositories, [
    apiKeys,
    'if (tenantId === null && (await this.isLastOfPlatform(manager, id))) {',
    'if (await Promise.resolve(false)) {',
  ]),
  guard('a first key that was revoked does not come back', repositories, [
    apiKeys,
    'set first_key_at = gk.now() where first_key_at is null returning 1',
    'set first_key_at = gk.now() returning 1',
  ]),
  guard('an API key ends in the database', repositories, [
    'libs/vault/schema/functions/find_api_key.sql',
    'where k.hash = p_hash and (k.expires_at is null or k.expires_at > v_now)',
    'where k.hash = p_hash',
  ]),
  guard('the keys of a disabled tenant are refused', repositories, [
    'libs/vault/schema/functions/find_api_key.sql',
    '      and (k.tenant_id is null or t.disabled_at is null);',
    '      ;',
  ]),
  guard(
    'replicas that make the secret of the HMACs at once end up with the same',
    'libs/vault/encryption/mac-secret.int-spec.ts',
    [
      'libs/vault/encryption/mac-secret.ts',
      'wrapped = (await stored()) ?? made.wrapped',
      'wrapped = made.wrapped',
    ],
  ),
  guard(
    'the AWS SDK is loaded only once it is needed',
    ['test/architecture/imports.spec.ts', 'load the AWS SDK in one place'],
    [
      'libs/vault/encryption/aws-kms.ts',
      "import type { KMSClient } from '@aws-sdk/client-kms';",
      "import { type KMSClient } from '@aws-sdk/client-kms';",
    ],
  ),
  guard(
    'a tenant that is being removed is found by nobody',
    ['libs/vault/repositories/tenant-removal.int-spec.ts', 'is no tenant any more'],
    [
      'libs/vault/repositories/tenant.repository.ts',
      'const kept = { removedAt: IsNull() };',
      'const kept = {};',
    ],
  ),
  guard(
    'the name of a tenant that is being removed leads nowhere',
    ['libs/vault/repositories/tenant-removal.int-spec.ts', 'is no tenant any more'],
    ['libs/vault/schema/functions/find_tenant.sql', ' and t.removed_at is null', ''],
  ),
];
