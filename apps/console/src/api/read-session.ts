import { call } from './client';
import { Problem } from './problem';
import type { Session } from './types';

export const sessionPath = '/console/session';

/** @returns null where nobody is signed in */
export async function readSession(): Promise<Session | null> {
  try {
    return await call<Session>('GET', sessionPath);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}
