import type { Field } from '../field.js';

export const dryRun: Field = {
  name: 'dry_run',
  kind: 'switch',
  about: 'check everything and save nothing',
};

export const verify: Field = {
  name: 'verify',
  kind: 'switch',
  about: 'try it against the provider before it is saved',
};
