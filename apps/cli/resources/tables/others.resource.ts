import { text } from '../field.js';
import type { Resource } from '../resource.js';

export const workloadIdentities: Resource = {
  name: 'workload-identities',
  about: 'JWTs of a listed issuer that come in with a role',
  path: '/workload_identities',
  owner: 'tenant',
  columns: ['id', 'issuer', 'audience', 'match', 'role', 'connections'],
  list: { about: 'list workload identities' },
  get: { about: 'show a workload identity' },
  create: {
    about: 'bind JWTs to a role',
    fields: [
      text('id', 'a-z, 0-9 and -; made up when absent'),
      text('issuer', 'as GRANTKEEPER_JWT_ISSUERS lists it'),
      text('audience', 'absent: the one listed with the issuer'),
      { name: 'match', kind: 'json', about: 'claims: {"sub": "…"} or {"sub": {"glob": "…"}}' },
      text('role', 'tenant_admin, connector or token_reader'),
      { name: 'connections', kind: 'list', about: 'narrows a token_reader to these' },
    ],
    examples: [
      `workload-identities create acme --issuer https://k8s.example.com --match '{"sub":"system:serviceaccount:app:web"}' --role token_reader`,
    ],
  },
  delete: { about: 'delete a workload identity' },
};

export const providers: Resource = {
  name: 'providers',
  about: 'providers this installation knows',
  path: '/providers',
  owner: 'platform',
  columns: ['id', 'name', 'grants', 'rotation'],
  list: { about: 'list providers' },
};

export const presets: Resource = {
  name: 'presets',
  about: 'presets: settings of well-known servers',
  path: '/presets',
  owner: 'platform',
  columns: ['id', 'title', 'verified'],
  list: { about: 'list presets' },
};

export const hold: Resource = {
  name: 'hold',
  about: 'the restore guard',
  path: '/hold',
  owner: 'platform',
  columns: [],
  verbs: {
    status: { about: 'whether renewals are held, and why', method: 'GET', one: false, path: '' },
    release: {
      about: 'release renewals: the database is the one to go on with',
      method: 'POST',
      one: false,
      path: '',
      body: { release: true },
    },
  },
};
