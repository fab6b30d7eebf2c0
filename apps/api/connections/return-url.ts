import type { Settings } from '#config';
import { invalidField } from '../problem/problem.js';

/**
 * Where the browser may go at last: only to an address the credential lists, letter by letter. Without one, whoever
 * opens the link decides whose account is connected, so that must be allowed on purpose.
 * @throws Problem `invalid_request`
 */
export function checkedReturnUrl(
  returnUrl: string | undefined,
  credential: Readonly<Record<string, unknown>>,
  { allowUnconfirmed }: Pick<Settings, 'allowUnconfirmed'>,
): string | null {
  if (returnUrl !== undefined) {
    const { return_urls: listed } = credential;
    if (Array.isArray(listed) && listed.includes(returnUrl)) return returnUrl;
    throw invalidField('return_url', 'is not one of settings.return_urls of the credential');
  }
  if (credential['allow_unconfirmed'] ?? allowUnconfirmed) return null;
  throw invalidField(
    'return_url',
    'is required',
    'Name one of settings.return_urls, or set settings.allow_unconfirmed of the credential to true.',
  );
}
