import { z } from 'zod';
import { displayName } from '../http/common.schemas.js';

const mostLogoBytes = 32 * 1024;
/** Base64 has four characters for three bytes. */
const mostLogoLength = 'data:image/jpeg;base64,'.length + Math.ceil(mostLogoBytes / 3) * 4;

const dataUri = /^data:image\/(png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/;

/** How a file of each kind begins, in hexadecimal; a WebP names itself after its length. */
const begins: Readonly<Record<string, RegExp>> = {
  png: /^89504e470d0a1a0a/,
  jpeg: /^ffd8ff/,
  webp: /^52494646.{8}57454250/,
};

/** No SVG: it may hold scripts and addresses. */
const logo = z
  .string()
  .max(mostLogoLength, 'must be of 32 KiB at most')
  .regex(dataUri, 'must be data:image/png;base64,… or the same of image/jpeg or image/webp')
  .refine(isWhatItSays, { error: 'is not an image of the kind that it names', abort: true })
  .describe('PNG, JPEG or WebP of 32 KiB at most, as a data URI in base64.');

const colour = z
  .string()
  .regex(/^#[0-9A-Fa-f]{6}$/, 'must be # and six hexadecimal digits')
  .describe('Of the bar on top; the text on it is black or white, whichever is easier to read.');

export const brandingSchema = z
  .strictObject({ name: displayName.optional(), logo: logo.optional(), colour: colour.optional() })
  .nullable()
  .describe(
    'What people see on the pages before and after their consent; null: nothing of the tenant. A change replaces all of it.',
  );

function isWhatItSays(text: string): boolean {
  const [, kind = '', base64 = ''] = dataUri.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  return (
    bytes.length <= mostLogoBytes &&
    bytes.toString('base64') === base64 &&
    begins[kind]?.test(bytes.subarray(0, 12).toString('hex')) === true
  );
}
