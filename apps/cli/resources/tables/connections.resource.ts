import { type Field, secret, text } from '../field.js';
import type { Resource } from '../resource.js';
import { dryRun, verify } from './common-fields.js';

const labels: Field = { name: 'labels', kind: 'pairs', about: 'your own words to find it by' };
const renewal = text('renewal', 'auto, eager or on_demand');
const scope = text('scope', 'scopes with a space between them');
const returnUrl = text('return_url', "where the browser goes; one of the credential's settings.return_urls");

const linkTtl: Field = {
  name: 'link_ttl',
  kind: 'integer',
  about: 'seconds for which the link can be opened',
};

const grantFields: readonly Field[] = [
  scope,
  returnUrl,
  linkTtl,
  text('username', 'of the user, for password'),
  secret('password', 'of the user, for password'),
  { name: 'keep_password', kind: 'flag', about: 'whether the password is kept for later renewals' },
  secret('refresh_token', 'a grant obtained elsewhere, for refresh_token'),
  text('login_hint', 'whom to ask, for ciba'),
  text('phone_number', 'E.164, where the provider asks for it'),
  text('assertion_subject', 'whom the token is for, for jwt_bearer'),
];

export const connections: Resource = {
  name: 'connections',
  about: 'connections: a grant at a provider, kept alive',
  path: '/connections',
  owner: 'tenant',
  columns: ['id', 'provider', 'grant', 'status', 'subject', 'access_token_expires_at', 'next_renewal_at'],
  list: {
    about: 'list connections',
    query: [
      text('status', 'pending, active, degraded or reauthorization_required'),
      text('provider', 'of this provider'),
      text('credential', 'of these client credentials'),
      text('subject', 'of this subject'),
      text('account', 'to which somebody of this id or email has consented'),
      text('id_prefix', 'whose id begins so'),
      text('label', 'key:value'),
      text('expires_before', 'whose token ends before this time'),
    ],
    examples: ['connections list acme --status reauthorization_required --label team:sales'],
  },
  get: { about: 'show a connection, without its tokens' },
  create: {
    about: 'make a connection; where a person must consent it is pending, and the link is shown',
    fields: [
      text('id', 'a-z, 0-9 and -; made up when absent'),
      text('credential', 'the client credentials'),
      text('grant', 'client_credentials, authorization_code, refresh_token, …'),
      text('subject', 'whose authorisation it is, in your own words'),
      ...grantFields,
      labels,
      renewal,
    ],
    query: [verify, dryRun],
    examples: [
      'connections create acme --id main --credential crm --grant client_credentials --label team=sales',
      'connections create acme --credential crm --grant refresh_token --refresh-token-file -',
    ],
  },
  update: {
    about: 'change the labels of a connection or when it is renewed, pause it, or lift the pause',
    fields: [labels, renewal, { name: 'paused', kind: 'flag', about: 'neither renew nor read it' }],
    examples: ['connections update acme/main --label team=support --renewal eager'],
  },
  delete: { about: 'delete a connection and its tokens, and revoke them at the provider where it can' },
  verbs: {
    renew: { about: 'renew now', method: 'POST', one: true, path: '/renew' },
    pause: {
      about: 'neither renew nor read it until resume',
      method: 'PATCH',
      one: true,
      path: '',
      body: { paused: true },
    },
    resume: { about: 'lift the pause', method: 'PATCH', one: true, path: '', body: { paused: false } },
    authorize: {
      about: 'ask for consent again; shows the link to send',
      method: 'POST',
      one: true,
      path: '/authorize',
      fields: [
        returnUrl,
        scope,
        linkTtl,
        {
          name: 'allow_account_change',
          kind: 'flag',
          about: 'another account may take the place of the one before',
        },
      ],
      examples: ['connections authorize acme/main --return-url https://app.example.com/done'],
    },
    complete: {
      about: 'confirm that the right person has authorised it',
      method: 'POST',
      one: true,
      path: '/complete',
      fields: [secret('confirmation_code', 'as the browser brought it to the return_url')],
    },
    probe: {
      about: 'ask the provider whether the grant lives',
      method: 'POST',
      one: true,
      path: '/probe',
      isRefusal: ({ alive }) => alive === false,
    },
    reject: {
      about: 'say that a provider refused the token of a generation',
      method: 'POST',
      one: true,
      path: '/token/rejections',
      fields: [{ name: 'generation', kind: 'integer', about: 'of the refused token' }],
    },
    events: {
      about: 'show its history',
      method: 'GET',
      one: true,
      path: '/events',
      columns: ['id', 'at', 'type', 'data'],
    },
  },
};
