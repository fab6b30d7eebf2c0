import type { LookupFunction } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { EgressPolicy } from './egress-policy.js';
import { publicOnlyLookup } from './guarded-lookup.js';
import { isPublicAddress } from './public-address.js';

const decide = (allow: string[], url: string, configured = false) =>
  new EgressPolicy(allow).decide(new URL(url), configured);

describe('EgressPolicy', () => {
  it('guards https and refuses everything else', () => {
    expect(decide([], 'https://idp.example/token')).toBe('guarded');
    expect(decide([], 'https://idp.example:443/token')).toBe('guarded');
    for (const port of [22, 80, 8443])
      expect(decide([], `https://idp.example:${port}/token`)).toBe('refused');
    expect(decide([], 'http://idp.example/token')).toBe('refused');
    expect(decide([], 'ftp://idp.example/token')).toBe('refused');
    expect(decide(['http://127.0.0.1:*'], 'http://user:secret@127.0.0.1/token')).toBe('refused');
  });

  it('exempts an origin the operator configured for the provider', () => {
    expect(decide([], 'http://127.0.0.1:3100/token', true)).toBe('exempt');
  });

  it.each([
    ['http://127.0.0.1:*', 'http://127.0.0.1:3100/', 'exempt'],
    ['http://127.0.0.1:*', 'http://2130706433:3100/', 'exempt'],
    ['http://127.0.0.1', 'http://127.0.0.1/', 'exempt'],
    ['http://127.0.0.1', 'http://127.0.0.1:3100/', 'refused'],
    ['http://127.0.0.1:3100', 'http://127.0.0.1:3100/', 'exempt'],
    ['http://127.0.0.1:*', 'http://127.0.0.2/', 'refused'],
    ['http://[::1]:*', 'http://[0:0::1]:80/', 'exempt'],
    ['https://idp.internal', 'https://IDP.internal:443/x', 'exempt'],
    ['https://idp.internal', 'https://sub.idp.internal/x', 'guarded'],
    ['https://idp.internal', 'http://idp.internal/x', 'refused'],
    ['https://idp.example:8443', 'https://idp.example:8443/x', 'exempt'],
    ['https://idp.example:8443', 'https://idp.example:9443/x', 'refused'],
  ])('rule %s on %s: %s', (rule, url, expected) => {
    expect(decide([rule], url)).toBe(expected);
  });

  it.each(['127.0.0.1', 'http://', 'http://host/path', 'http://*.example', 'gopher://x', 'http://a:b@c'])(
    'does not start with the rule %s',
    (rule) => {
      expect(() => new EgressPolicy([rule])).toThrow(rule);
    },
  );
});

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '0x7f.1',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

it.each([true, false])('a name is asked for once: the socket takes what was judged (all: %s)', (all) => {
  const answers = ['1.1.1.1', '127.0.0.1'];
  const rebinding: LookupFunction = (_name, _options, callback) =>
    callback(null, [{ address: answers.shift() ?? '', family: 4 }]);
  const taken: unknown[] = [];
  publicOnlyLookup(rebinding)('idp.example', { all }, (error, address) => taken.push(error ?? address));
  expect(taken).toEqual([all ? [{ address: '1.1.1.1', family: 4 }] : '1.1.1.1']);
  expect(answers).toEqual(['127.0.0.1']);
});
