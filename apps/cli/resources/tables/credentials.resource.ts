import { type Field, secret, text } from '../field.js';
import type { Resource } from '../resource.js';
import { dryRun, verify } from './common-fields.js';

const settings: Field = {
  name: 'settings',
  kind: 'settings',
  about: "a setting, by the provider's settings_schema",
};
const secrets = [
  secret('client_secret', 'the client secret'),
  secret('private_key', 'the private key (PEM)'),
];

export const credentials: Resource = {
  name: 'credentials',
  about: 'client credentials at a provider',
  path: '/credentials',
  owner: 'tenant',
  columns: ['id', 'provider', 'client_id', 'updated_at'],
  list: { about: 'list client credentials, without their secrets' },
  get: { about: 'show client credentials, without their secrets' },
  create: {
    about: 'register client credentials',
    fields: [
      text('id', 'a-z, 0-9 and -; made up when absent'),
      text('provider', 'see: providers list'),
      text('client_id', 'as the provider calls the client'),
      ...secrets,
      settings,
    ],
    query: [verify, dryRun],
    examples: [
      'credentials create acme --id crm --provider <provider> --client-id a1b2 --client-secret-file crm.secret --setting region=emea --verify',
    ],
  },
  update: {
    about: 'change the client id, or merge settings; a setting that is null is taken away',
    fields: [text('client_id', 'as the provider calls the client'), ...secrets, settings],
    query: [verify],
    examples: ['credentials update acme/crm --setting version=v1'],
  },
  delete: { about: 'delete client credentials that no connection uses' },
  verbs: {
    verify: {
      about: 'try the newest secret against the provider',
      method: 'POST',
      one: true,
      path: '/verify',
      isRefusal: ({ ok }) => ok === false,
    },
    'add-secret': {
      about: 'add the next secret; the one before keeps working until the new one is proved',
      method: 'POST',
      one: true,
      path: '/secrets',
      fields: secrets,
      query: [verify],
      examples: ['credentials add-secret acme/crm --client-secret-env NEW_SECRET --verify'],
    },
  },
};
