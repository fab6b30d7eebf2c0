/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** An object on its way to `JSON.stringify`, which leaves `undefined` members out. */
export type JsonMembers = Readonly<Record<string, Json | undefined>>;

export function isJsonObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
