/** The events that webhooks can get. The history of a connection has more. */
export const eventTypes = [
  'connection.active',
  'connection.degraded',
  'connection.reauthorization_required',
  'connection.expiring',
  'connection.revoked',
] as const;
export type EventType = (typeof eventTypes)[number];
