/** Documents whose blocks of `sh` are all executed by another suite, where that is. */
export const executedElsewhere: Readonly<Record<string, string>> = {
  'docs/backup.md': 'test/deploy/postgres.spec.ts',
  'docs/runbooks/GrantkeeperJournalUnavailable.md': 'test/integration/night.spec.ts',
  'docs/runbooks/GrantkeeperRenewalsFailing.md': 'test/integration/night.spec.ts',
  'docs/runbooks/GrantkeeperRenewalsHeld.md': 'test/integration/night.spec.ts',
  'docs/runbooks/GrantkeeperRequestsLimited.md': 'test/integration/night.spec.ts',
};

/** Blocks that no test here executes, by how they begin, and why. */
export const notExecuted: Readonly<Record<string, string>> = {
  'npm start': 'starts the product itself: test/e2e/start does',
  'npm test': 'runs this test',
  'npm run bench': 'takes minutes, and a machine to itself',
  'bao secrets enable': 'needs an OpenBao server',
  'kubectl create secret': 'needs a cluster',
  'kubectl delete job': 'needs a cluster',
  'export GRANTKEEPER_PUBLIC_URL': 'needs Docker',
  '(\n  set -eu\n  umask 077': 'test/deploy/documents.spec.ts executes it',
  'openssl s_client': 'needs a provider on port 443',
};
