import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { Account, GrantType } from '#provider-kit';
import { Credential } from './credential.entity.js';

export const connectionStatuses = ['pending', 'active', 'degraded', 'reauthorization_required'] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

export const renewalModes = ['auto', 'eager', 'on_demand'] as const;
export type RenewalMode = (typeof renewalModes)[number];

/** An admin's own words, by name. */
export type Labels = Readonly<Record<string, string>>;

/** Other values that callers of the token need, by name. */
export type ConnectionFields = Readonly<Record<string, string>>;

export interface LastError {
  readonly code: string;
  readonly at: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly remedy: string;
  /** The provider's own words, redacted; null where it gave none. */
  readonly provider_error?: ProviderErrorWords | null;
}

export interface ProviderErrorWords {
  /** HTTP status of the answer. */
  readonly status?: number;
  readonly error?: string;
  readonly error_description?: string;
  /** Of an answer with success that could not be read: the member at fault. */
  readonly member?: string;
}

/** One authorisation obtained with a credential. Leases and generations change only through the lease repository. */
@Entity({ schema: 'gk', name: 'connections' })
export class Connection {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** The API calls it `id`. */
  @Column('text')
  slug!: string;

  @Column('uuid', { name: 'credential_id' })
  credentialId!: string;

  @ManyToOne(() => Credential)
  @JoinColumn({ name: 'credential_id' })
  credential?: Relation<Credential>;

  @Column('text')
  grant!: GrantType;

  @Column('text', { nullable: true })
  subject!: string | null;

  /** The scope that was asked for; the provider may grant less. */
  @Column('text', { name: 'requested_scope', nullable: true })
  requestedScope!: string | null;

  @Column('text', { nullable: true })
  scope!: string | null;

  @Column('jsonb', { default: {} })
  labels!: Labels;

  /** Of the grant in use; no secret. */
  @Column('jsonb', { default: {} })
  fields!: ConnectionFields;

  /** Who has consented; null where the provider has not said. */
  @Column('jsonb', { nullable: true })
  account!: Account | null;

  @Column('text')
  renewal!: RenewalMode;

  /** Neither renewed nor read until it is lifted. */
  @Column('boolean', { default: false })
  paused!: boolean;

  @Column('text')
  status!: ConnectionStatus;

  /** 0 until the first token, then one more at each renewal. */
  @Column('integer')
  generation!: number;

  @Column('timestamptz', { name: 'access_token_issued_at', nullable: true })
  accessTokenIssuedAt!: Date | null;

  @Column('timestamptz', { name: 'access_token_expires_at', nullable: true })
  accessTokenExpiresAt!: Date | null;

  @Column('timestamptz', { name: 'refresh_token_expires_at', nullable: true })
  refreshTokenExpiresAt!: Date | null;

  @Column('timestamptz', { name: 'next_renewal_at', nullable: true })
  nextRenewalAt!: Date | null;

  @Column('timestamptz', { name: 'last_renewed_at', nullable: true })
  lastRenewedAt!: Date | null;

  @Column('jsonb', { name: 'last_error', nullable: true })
  lastError!: LastError | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
