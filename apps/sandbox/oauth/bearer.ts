const BEARER = /^Bearer +(\S+)$/i;

/** The token behind `Authorization: Bearer` (RFC 6750 §2.1). */
export function readBearer(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}
