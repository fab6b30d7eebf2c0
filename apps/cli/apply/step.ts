import type { ApiClient } from '../api/api-client.js';
import type { Json } from '../text/table.js';

export type StepAction =
  | 'create'
  | 'update'
  | 'replace'
  | 'delete'
  | 'unchanged'
  /** It cannot become as it is declared. */
  | 'blocked';

export interface Step {
  readonly action: StepAction;
  readonly kind: 'tenant' | 'credential' | 'connection' | 'webhook' | 'workload identity';
  /** `tenant` or `tenant/id`. */
  readonly name: string;
  /** Of `update`: the members that differ. Of `blocked`: why. */
  readonly detail?: string;
  /** A person has to consent to it. */
  readonly needsConsent?: boolean;
  /** @returns the document of the API */
  readonly run?: (api: ApiClient) => Promise<Json>;
}

const signs: Readonly<Record<StepAction, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  unchanged: '=',
  blocked: '!',
};

export function stepText({ action, kind, name, detail }: Step): string {
  return `${signs[action]} ${action} ${kind} ${name}${detail === undefined ? '' : `: ${detail}`}`;
}
