/**
 * Client authentication of RFC 6749 §2.3.1 and its deviation. Each of these returns a secret: it goes into one
 * request and nowhere else.
 */

/**
 * The pair as it is, in base64. Vonage Contact Center and Vonage Business want it so: with a secret that contains
 * `+`, `/` or `=` the RFC's form below is another value, and refused.
 */
export function rawBasic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64')}`;
}

/** RFC 6749 §2.3.1: identifier and secret are form-encoded first. */
export function formEncodedBasic(clientId: string, clientSecret: string): string {
  return rawBasic(formEncode(clientId), formEncode(clientSecret));
}

/** Members of the form body; the form's own encoding is applied once, on sending. */
export function bodyClient(
  clientId: string,
  clientSecret: string,
): { readonly client_id: string; readonly client_secret: string } {
  return { client_id: clientId, client_secret: clientSecret };
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
