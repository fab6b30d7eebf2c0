/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined for any other header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  const match = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '');
  return match?.[1];
}
