const BEARER = /^Bearer +(\S+)$/i;

/** What stands behind `Authorization: Bearer` (RFC 6750 §2.1). */
export function readBearer(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}
