import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { sourceFiles } from '../architecture/source-files.js';

/** Tried in `ssrf.spec.ts`. */
const sinkNames = [
  'issuer',
  'token_endpoint',
  'refresh_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'userinfo_endpoint',
  'probe_url',
  'jwks_uri',
  'webhook',
  'workload keys',
];

/** Every call that leaves the product, as the code makes it, with the sinks below that come to it. */
const callSites: Readonly<Record<string, readonly string[]>> = {
  // At the operator's own OpenID provider, and where its metadata leads: tried in `ssrf-console.spec.ts`.
  'libs/access/sso/issuer-transport.ts send': [],
  'libs/access/workload/key-reader.ts send': ['workload keys'],
  'libs/events/delivery-dispatcher.ts post': ['webhook'],
  'libs/oauth-http/issuer-keys.client.ts get': ['jwks_uri'],
  'libs/oauth-http/issuer-metadata.client.ts get': ['issuer'],
  'libs/oauth-http/token-endpoint.client.ts send': ['token_endpoint'],
  'libs/providers/generic-oauth2/account-lookup.ts get': ['userinfo_endpoint'],
  'libs/providers/generic-oauth2/generic-oauth2.adapter.ts getWithToken': ['probe_url'],
  'libs/providers/generic-oauth2/generic-oauth2.adapter.ts post': [
    'token_endpoint',
    'refresh_endpoint',
    'device_authorization_endpoint',
    'backchannel_authentication_endpoint',
    'revocation_endpoint',
    'introspection_endpoint',
  ],
  // At the addresses of their vendors, of which a tenant chooses at most a label of a host or a path: see below.
  'libs/providers/net2phone-canada/net2phone-canada.adapter.ts post': [],
  'libs/providers/vonage-business/vonage-business.adapter.ts post': [],
  'libs/providers/vonage-contact-center/vonage-contact-center.adapter.ts post': [],
  'libs/providers/vonage-network/vonage-network.adapter.ts post': [],
};

describe('the ways out', () => {
  it('are all known, each with what is done to it here', () => {
    const found = new Set<string>();
    const product = sourceFiles.filter(
      ({ path, isTest }) => !isTest && /^(?:libs|apps\/(?!sandbox))/.test(path),
    );
    for (const { path, text } of product.filter((file) => file.text.includes('this.http'))) {
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
          const { expression, name } = node.expression;
          if (expression.getText() === 'this.http' && /^(?:post|get|getWithToken|send)$/.test(name.text))
            found.add(`${path} ${name.text}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
    }
    expect([...found].sort()).toEqual(Object.keys(callSites).sort());
    const tried = sinkNames;
    expect(
      Object.values(callSites)
        .flat()
        .filter((name) => !tried.includes(name)),
    ).toEqual([]);
    const way =
      /\bfetch\(|import (?:https?|http2|net|tls|dgram)\b[^;]*from 'node:|from '(?:axios|@nestjs\/axios|undici|got|@aws-sdk\/)|(?<![.\w])(?:https?|net|tls)\.(?:request|get|connect)\(/;
    const others = product.filter(({ path, text }) => way.test(text) && !path.startsWith('libs/egress/'));
    // Key services are where an operator has put them; no caller has a say in it. The others are no part of a service:
    // they run on the machine, and in the browser, of the one who calls it.
    const elsewhere = ['libs/vault/encryption/', 'libs/client/', 'apps/cli/', 'apps/console/'];
    const isElsewhere = (path: string) => elsewhere.some((folder) => path.startsWith(folder));
    expect(others.map(({ path }) => path).filter((path) => !isElsewhere(path))).toEqual([]);
  });
});
