import { Column, Entity, PrimaryColumn } from 'typeorm';

export const auditReadModes = ['batched', 'strict'] as const;
export type AuditReads = (typeof auditReadModes)[number];

/** A customer of this installation. Everything else but platform API keys belongs to exactly one. */
@Entity({ schema: 'gk', name: 'tenants' })
export class Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  /** What the API calls `id`. */
  @Column('text')
  slug!: string;

  @Column('text')
  name!: string;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  /** Turns in background renewal, beside those of other tenants. */
  @Column({ type: 'smallint', name: 'renewal_weight', insert: false })
  renewalWeight!: number;

  /** Whether token reads are audited in batches, or each before its answer. */
  @Column({ type: 'text', name: 'audit_reads', insert: false })
  auditReads!: AuditReads;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
