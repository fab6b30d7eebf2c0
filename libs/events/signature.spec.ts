import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { messageBody } from './message-body.js';
import { messageId, newSigningSecret, rowIdOf, signedHeaders } from './signature.js';

const rowId = '01234567-89ab-4cde-8f01-23456789abcd';

describe('signing', () => {
  it('is verified by the library of the receivers, with this secret and this body only', () => {
    const [secret, body] = [newSigningSecret(), '{"type":"connection.active"}'];
    const headers = signedHeaders(secret, messageId(rowId), new Date(), body);
    expect(new Webhook(secret).verify(body, headers)).toEqual({ type: 'connection.active' });
    expect(() => new Webhook(newSigningSecret()).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  });

  it('makes secrets of 32 bytes, another each time', () => {
    const secret = newSigningSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSigningSecret()).not.toBe(secret);
  });

  it('names a message after its row, and finds the row by the name', () => {
    expect(messageId(rowId)).toBe('msg_0123456789ab4cde8f0123456789abcd');
    expect(rowIdOf(messageId(rowId))).toBe(rowId);
    for (const other of [rowId, 'msg_', 'msg_0', `${messageId(rowId)}0`, messageId(rowId).toUpperCase()])
      expect(rowIdOf(other)).toBeUndefined();
  });
});

describe('a message', () => {
  const payload = (data: object) => ({
    data,
    type: 'connection.degraded',
    timestamp: '2030-01-31T12:00:00.000Z',
  });

  it('says what can be done about its code', () => {
    const body = JSON.parse(messageBody(payload({ code: 'invalid_client', tenant: 'acme' })));
    expect(body).toEqual({
      ...payload({ code: 'invalid_client', tenant: 'acme', remedy: expect.any(String) }),
    });
    expect(JSON.parse(messageBody(payload({ code: 'invalid_client', remedy: 'this' }))).data.remedy).toBe(
      'this',
    );
  });

  it('says nothing where there is nothing to do', () => {
    expect(JSON.parse(messageBody(payload({ status: 'active' })))).toEqual(payload({ status: 'active' }));
  });
});
