import { Gauge } from 'prom-client';
import { registry } from './registry.js';

/** The whole installation, as the database counts it. Every process tells the same: take `max`, not `sum`. */
export interface InstallationCounts {
  readonly connections: readonly { provider: string; status: string; count: number }[];
  /** By `1d`, `7d` and `14d`; counted up to `mostCounted`. */
  readonly expiring: Readonly<Record<string, number>>;
  readonly dueBacklog: number;
  readonly latenessSeconds: number;
  readonly held: boolean;
}

const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
  new Gauge<Label>({ name, help, labelNames, registers: [registry] });

const connections = gauge('grantkeeper_connections', 'Connections of the installation.', [
  'provider',
  'status',
]);
const expiring = gauge(
  'grantkeeper_connections_expiring',
  'Connections whose grant ends within that time and which no renewal extends; 10000 means as many or more.',
  ['within'],
);
const backlog = gauge(
  'grantkeeper_due_backlog',
  'Connections that are due for renewal and not claimed; 10000 means as many or more.',
);
const lateness = gauge(
  'grantkeeper_renewal_lateness_seconds',
  'How long the connection that waits longest for its renewal has been due.',
);
const held = gauge('grantkeeper_held', '1 while all renewals are held until an administrator releases them.');

export function setInstallationCounts(counts: InstallationCounts): void {
  connections.reset();
  for (const { provider, status, count } of counts.connections) connections.set({ provider, status }, count);
  for (const [within, count] of Object.entries(counts.expiring)) expiring.set({ within }, count);
  backlog.set(counts.dueBacklog);
  lateness.set(counts.latenessSeconds);
  held.set(counts.held ? 1 : 0);
}
