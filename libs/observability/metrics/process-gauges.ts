import { ObservedGauge } from './observed-gauge.js';

/** Breakers of this process that keep it from asking a provider. */
export const breakersOpen = new ObservedGauge(
  'grantkeeper_breakers_open',
  'Partitions (a tenant at an upstream) that this process does not ask for the moment, by upstream.',
  ['provider'],
);

export const journalEntries = new ObservedGauge(
  'grantkeeper_journal_entries',
  'Answers of providers in the journals of this process that are not known to be committed.',
);

export const journalWritable = new ObservedGauge(
  'grantkeeper_journal_writable',
  'Whether the journal of this process could take the last answer that it was asked to make room for: 1 where it could.',
);

export const changesHeard = new ObservedGauge(
  'grantkeeper_changes_heard',
  'Whether the database tells this process what has changed: 1 while it does.',
);

export const auditChainsBroken = new ObservedGauge(
  'grantkeeper_audit_chains_broken',
  'Chains of audit events that were changed, as far as this worker has checked them. Each is checked every few hours.',
);

export const cacheEntries = new ObservedGauge(
  'grantkeeper_cache_entries',
  'Entries that this process keeps in memory.',
  ['cache'],
);
