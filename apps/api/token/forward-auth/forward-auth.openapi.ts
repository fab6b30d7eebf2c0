export const forwardAuthOperation = {
  tags: ['Tokens'],
  operationId: 'forwardAuth',
  summary: 'For proxies: the Authorization to write on a request before it is sent on',
  description:
    'For nginx auth_request, Envoy ext_authz, Traefik and Caddy forward_auth. Answers every other method but HEAD in the same way.',
  security: [{ key: [] }, { proxy: [] }],
  parameters: [
    {
      name: 'X-Forwarded-Host',
      in: 'header',
      required: true,
      description: 'Must be one of upstream_hosts in the settings of the client credentials.',
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: 'Allowed; no body.',
      headers: {
        Authorization: { required: true, description: 'Token type and token.', schema: { type: 'string' } },
        'X-Grantkeeper-Generation': {
          required: true,
          description: 'For …/token/rejections, if the upstream refuses the token.',
          schema: { type: 'integer' },
        },
      },
    },
    409: {},
  },
};
