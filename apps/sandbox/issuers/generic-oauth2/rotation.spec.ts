import { describe, expect, it } from '@jest/globals';
import { CLIENT_ID, GENERIC, useGeneric } from './generic.spec-support.js';

describe('generic-oauth2, rotation', () => {
  const sandbox = useGeneric();
  const spend = async (token: string) => {
    const { status, json } = await sandbox.refresh(token);
    return status === 200 ? (json().refresh_token ?? 'kept') : json().error;
  };
  const states = async (token: string) =>
    (await sandbox.familyOf(token)).refresh_tokens.map(({ state }) => state);

  it('none: keeps the token', async () => {
    await sandbox.behave(GENERIC, { rotation: 'none' });
    const { refresh_token: first } = await sandbox.connect();
    expect([await spend(first), await spend(first)]).toEqual(['kept', 'kept']);
    expect((await sandbox.familyOf(first)).refresh_tokens).toEqual([
      expect.objectContaining({ presented: 2, spent: 2, state: 'live' }),
    ]);
  });

  it('strict: a token used again ends the whole family', async () => {
    const { refresh_token: first, access_token: access } = await sandbox.connect();
    const second = await spend(first);
    const third = await spend(second);
    expect(await states(first)).toEqual(['replaced', 'replaced', 'live']);
    expect(await sandbox.opens(access)).toBe(true);
    expect(await spend(first)).toBe('invalid_grant');
    expect(await spend(third)).toBe('invalid_grant');
    expect(await sandbox.opens(access)).toBe(false);
    const family = await sandbox.familyOf(first);
    expect(family.revoked_because).toBe('a refresh token was used again');
    expect(family.refresh_tokens.map(({ presented, spent }) => [presented, spent])).toEqual([
      [2, 1],
      [1, 1],
      [1, 0],
    ]);
  });

  it('strict: of many at once one wins, and the family is lost', async () => {
    const { refresh_token: first } = await sandbox.connect();
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => spend(first)));
    expect(outcomes.filter((outcome) => outcome === 'invalid_grant')).toHaveLength(4);
    expect(await states(first)).toEqual(['revoked', 'revoked']);
  });

  it('grace: the old one works on for a while, then ends the family', async () => {
    await sandbox.behave(GENERIC, { rotation: 'grace', grace_seconds: 30 });
    const { refresh_token: first } = await sandbox.connect();
    const second = await spend(first);
    await sandbox.forward(29);
    const third = await spend(first);
    expect(new Set([first, second, third, 'invalid_grant']).size).toBe(4);
    expect(await states(first)).toEqual(['replaced', 'live', 'live']);
    await sandbox.forward(1);
    expect(await spend(first)).toBe('invalid_grant');
    expect(await spend(third)).toBe('invalid_grant');
  });

  it('confirm_on_use: the old one works until the new one is used', async () => {
    await sandbox.behave(GENERIC, { rotation: 'confirm_on_use' });
    const { refresh_token: first } = await sandbox.connect();
    const lost = await spend(first);
    await sandbox.forward(86_400);
    const second = await spend(first);
    expect(await states(first)).toEqual(['live', 'live', 'live']);
    const third = await spend(second);
    expect(await states(first)).toEqual(['replaced', 'replaced', 'live', 'live']);
    expect([await spend(first), await spend(lost)]).toEqual(['invalid_grant', 'invalid_grant']);
    expect(await spend(third)).not.toBe('invalid_grant');
  });

  it('can differ from client to client', async () => {
    const switches = { rotation: 'none' };
    await sandbox.control('PUT', 'behaviours', { provider: GENERIC, client_id: CLIENT_ID, switches });
    await sandbox.behave(GENERIC, { rotation: 'strict', access_token_seconds: 7 });
    const { refresh_token: first, expires_in } = await sandbox.connect();
    expect([await spend(first), expires_in]).toEqual(['kept', 7]);
  });

  it('says which switch is wrong', async () => {
    const answer = await sandbox.behave(GENERIC, { rotation: 'sometimes' });
    expect([answer.status, answer.json().issues[0].path]).toEqual([400, 'switches.rotation']);
    expect((await sandbox.behave(GENERIC, { rotatoin: 'none' })).status).toBe(400);
    expect((await sandbox.behave('vonage-contact-center', { rotation: 'none' })).status).toBe(400);
  });

  it('ends a token of its own age', async () => {
    const { refresh_token: first } = await sandbox.connect();
    await sandbox.forward(30 * 86_400);
    expect([await spend(first), await states(first)]).toEqual(['invalid_grant', ['expired']]);
  });

  describe('by the control API', () => {
    it('revokes a grant, by id or by refresh token', async () => {
      const [one, two] = [await sandbox.connect(), await sandbox.connect()];
      const [{ id }] = (await sandbox.get(`/_control/grants?refresh_token=${one.refresh_token}`)).json()
        .items;
      expect((await sandbox.remove(`/_control/grants/${id}`)).status).toBe(204);
      expect((await sandbox.get(`/_control/grants/${id}`)).json().revoked_because).toContain('control API');
      expect(await spend(one.refresh_token)).toBe('invalid_grant');
      expect(await sandbox.opens(one.access_token)).toBe(false);
      expect(await sandbox.opens(two.access_token)).toBe(true);
      const path = `/_control/grants?refresh_token=${two.refresh_token}`;
      expect((await sandbox.remove(path)).json()).toEqual({ revoked: 1 });
      expect((await sandbox.remove(path)).json()).toEqual({ revoked: 0 });
      expect(await sandbox.opens(two.access_token)).toBe(false);
      expect((await sandbox.remove('/_control/grants/made-up')).status).toBe(404);
    });

    it('makes a grant whose refresh token can be imported', async () => {
      const facts = { provider: GENERIC, client_id: CLIENT_ID, user: 'ada', scope: 'read' };
      const made = await sandbox.control('POST', 'grants', facts);
      expect(made.status).toBe(201);
      expect(await spend(made.json().refresh_token)).not.toBe('invalid_grant');
      expect((await sandbox.control('POST', 'grants', { ...facts, client_id: 'x' })).status).toBe(400);
    });
  });
});
