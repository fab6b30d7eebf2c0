import { remedyFor } from '#provider-kit';

/** The bytes of a message. A failure that came without its remedy is given the one of its code. */
export function messageBody(payload: Readonly<Record<string, unknown>>): string {
  const data = payload['data'] as { readonly code?: string; readonly remedy?: string };
  const remedy = data.remedy ?? (data.code === undefined ? undefined : remedyFor(data.code));
  return JSON.stringify({
    type: payload['type'],
    timestamp: payload['timestamp'],
    data: { ...data, ...(remedy === undefined ? {} : { remedy }) },
  });
}
