import { createHash, X509Certificate } from 'node:crypto';
import { parsePrivateKey } from './private-key.js';

/** The first certificate of a PEM; undefined when there is none. */
export function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem.replace(/(?:\\r)?\\n/g, '\n').trim());
  } catch {
    return undefined;
  }
}

/** Whether a certificate is of the public half of a private key. */
export function fitsPrivateKey(certificatePem: string, keyPem: string): boolean {
  const certificate = parseCertificate(certificatePem);
  const key = parsePrivateKey(keyPem);
  return certificate !== undefined && key !== undefined && certificate.checkPrivateKey(key);
}

/** RFC 7515 §4.1.7 and §4.1.8: by which of several certificates a JWT is verified. */
export function certificateThumbprints(pem: string): { x5t: string; 'x5t#S256': string } | undefined {
  const certificate = parseCertificate(pem);
  if (!certificate) return undefined;
  const digest = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest('base64url');
  return { x5t: digest('sha1'), 'x5t#S256': digest('sha256') };
}
