import { accessGuards } from './guards/access.ts';
import { auditGuards } from './guards/audit.ts';
import { cliGuards } from './guards/cli.ts';
import { clientGuards } from './guards/client.ts';
import { egressGuards } from './guards/egress.ts';
import { httpGuards } from './guards/http.ts';
import { jwtGuards } from './guards/jwt.ts';
import { oauthGuards } from './guards/oauth.ts';
import { renewalGuards } from './guards/renewal.ts';
import { signInGuards } from './guards/sign-in.ts';
import { vaultGuards } from './guards/vault.ts';

/** Every guard that `npm run test:mutations` takes away, one at a time. */
export const guards = [
  ...vaultGuards,
  ...auditGuards,
  ...renewalGuards,
  ...accessGuards,
  ...signInGuards,
  ...jwtGuards,
  ...oauthGuards,
  ...egressGuards,
  ...httpGuards,
  ...cliGuards,
  ...clientGuards,
];
