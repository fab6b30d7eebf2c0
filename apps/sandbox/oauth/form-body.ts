/** An `application/x-www-form-urlencoded` body, or a query. */
export interface FormBody {
  /** Empty values count as absent (RFC 6749 §3.2). */
  get(name: string): string | undefined;
  /** Some parameter came more than once, which RFC 6749 §3.2 forbids. */
  readonly repeated: boolean;
}

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

export function readForm(contentType: string | undefined, body: string): FormBody | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== FORM_MEDIA_TYPE) return undefined;
  return readParameters(body);
}

export function readParameters(text: string): FormBody {
  const parameters = new URLSearchParams(text);
  return {
    get: (name) => parameters.get(name) || undefined,
    repeated: new Set(parameters.keys()).size !== parameters.size,
  };
}
