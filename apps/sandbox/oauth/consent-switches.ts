import { z } from 'zod';

/** Switches of every provider with an authorization endpoint. */
export const consentSwitches = {
  consent: z
    .enum(['ask', 'approve', 'deny'])
    .default('ask')
    .describe('Who answers at the authorization endpoint: the page or a persona, or at once this.'),
};

/** How long a code is good for. */
export const codeSeconds = (seconds: number) =>
  z.number().min(0).max(1e9).default(seconds).describe('Life of an authorization code, in seconds.');

export interface ConsentSwitches {
  readonly consent: 'ask' | 'approve' | 'deny';
  readonly code_seconds: number;
}
