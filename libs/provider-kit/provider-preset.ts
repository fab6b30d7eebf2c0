import type { GrantType } from './grants/grants.js';

/** Settings of a well-known server, under a name. Published by `GET /v1/presets`. */
export interface ProviderPreset {
  readonly id: string;
  readonly title: string;
  /** The page of the vendor's that the settings come from. */
  readonly documentation_url: string;
  /** Whether somebody has got a token with it from the real server. */
  readonly verified: boolean;
  /** A remark that somebody who registers a client there must know. */
  readonly remark?: string | undefined;
  /** The first grants it is for. */
  readonly grants: readonly GrantType[];
  /** The inputs that a credential must or may fill in, by name. */
  readonly inputs: Readonly<Record<string, PresetInput>>;
  /** `{name}` stands for the input of that name. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface PresetInput {
  readonly title: string;
  readonly description?: string | undefined;
  /** A regular expression for the whole of the value. */
  readonly pattern: string;
  /** Absent: it must be given. */
  readonly default?: string | undefined;
  readonly examples?: readonly string[] | undefined;
}
