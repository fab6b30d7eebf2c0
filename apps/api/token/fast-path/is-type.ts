/** Whether a `Content-Type` is that media type, alone or with the only charset there is here. */
export function isType(contentType: string | undefined, mediaType: string): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  return (
    type.trim() === mediaType && parameters.every((parameter) => /^ *charset="?utf-?8"? *$/.test(parameter))
  );
}
