import { Column, Entity, PrimaryColumn } from 'typeorm';

export const auditReadModes = ['batched', 'strict'] as const;
export type AuditReads = (typeof auditReadModes)[number];

/** The look of pages for users. */
export interface Branding {
  readonly name?: string | undefined;
  /** A data URI. */
  readonly logo?: string | undefined;
  /** `#rrggbb` */
  readonly colour?: string | undefined;
}

/** A customer of this installation. Everything else but platform API keys belongs to exactly one. */
@Entity({ schema: 'gk', name: 'tenants' })
export class Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  /** The API calls it `id`. */
  @Column('text')
  slug!: string;

  @Column('text')
  name!: string;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  /** Since when it is being removed, piece by piece. */
  @Column({ type: 'timestamptz', name: 'removed_at', nullable: true, insert: false })
  removedAt!: Date | null;

  /** Turns in background renewal, beside those of other tenants. */
  @Column({ type: 'smallint', name: 'renewal_weight', insert: false })
  renewalWeight!: number;

  /** Whether token reads are audited in batches, or each before its answer. */
  @Column({ type: 'text', name: 'audit_reads', insert: false })
  auditReads!: AuditReads;

  /** Requests of all its keys together; null: no limit. */
  @Column({ type: 'integer', name: 'rate_limit_per_second', nullable: true })
  rateLimitPerSecond!: number | null;

  /** Requests of each of its keys; null: no limit. */
  @Column({ type: 'integer', name: 'key_rate_limit_per_second', nullable: true })
  keyRateLimitPerSecond!: number | null;

  /** Read where it is asked for: a logo is large. */
  @Column({ type: 'jsonb', nullable: true, select: false })
  branding?: Branding | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
