import { MIMEType } from 'node:util';

/** Whether a `Content-Type` is that media type; its parameters say nothing here, as on the routes. */
export function isType(contentType: string | undefined, mediaType: string): boolean {
  try {
    return new MIMEType(contentType ?? '').essence === mediaType;
  } catch {
    return false;
  }
}
