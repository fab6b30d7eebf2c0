import { call } from '../api/client';
import { Problem } from '../api/problem';
import type { PendingConnection } from '../api/types';
import { returnUrlOf } from './own-consents';

/** The browser comes back to the console where the client credentials allow that, and to a plain page otherwise. */
export async function askConsent(tenant: string, path: string, body: object): Promise<PendingConnection> {
  const withReturn = { ...body, return_url: returnUrlOf(tenant) };
  try {
    return await call<PendingConnection>('POST', path, withReturn);
  } catch (error) {
    if (!(error instanceof Problem) || error.about('return_url') === undefined) throw error;
    return call<PendingConnection>('POST', path, body);
  }
}
