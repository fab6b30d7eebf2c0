import type { JsonSchema } from '../api/types';

/** Each grant for people, and the fields that `POST …/connections` takes for it. */
export const grantForms: Readonly<Record<string, { readonly title: string; readonly schema: JsonSchema }>> = {
  client_credentials: { title: 'Client credentials: no user takes part', schema: {} },
  authorization_code: {
    title: 'Authorization code: the user consents in a browser',
    schema: {
      properties: {
        return_url: {
          type: 'string',
          title: 'Return URL',
          description:
            'Where the browser goes afterwards; one of the return URLs of the client credentials. Empty: the console.',
        },
        phone_number: {
          type: 'string',
          title: 'Phone number',
          description: 'In E.164, only where the provider asks for it.',
        },
      },
    },
  },
  device_code: { title: 'Device code: the user types a code on another device', schema: {} },
  ciba: {
    title: 'CIBA: the user is asked on the telephone',
    schema: {
      properties: {
        login_hint: { type: 'string', title: 'Login hint', description: 'The phone number, in E.164.' },
      },
      required: ['login_hint'],
    },
  },
  password: {
    title: 'Password of a user',
    schema: {
      properties: {
        username: { type: 'string', title: 'User name' },
        password: { type: 'string', title: 'Password', writeOnly: true },
      },
      required: ['username', 'password'],
    },
  },
  refresh_token: {
    title: 'Import of a refresh token',
    schema: {
      properties: { refresh_token: { type: 'string', title: 'Refresh token', writeOnly: true } },
      required: ['refresh_token'],
    },
  },
  jwt_bearer: {
    title: 'JWT bearer: an assertion for a user',
    schema: {
      properties: { assertion_subject: { type: 'string', title: 'Subject of the assertion' } },
      required: ['assertion_subject'],
    },
  },
};
