import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who did what. Rows are only ever added; each hashes the one before it in its chain. */
@Entity({ schema: 'gk', name: 'audit_events' })
export class AuditEvent {
  /** A bigint, so a string here. */
  @PrimaryColumn('bigint')
  id!: string;

  @Column('uuid', { name: 'tenant_id', nullable: true })
  tenantId!: string | null;

  /** API key id, workload, or `anonymous` for a browser. */
  @Column('text')
  actor!: string;

  @Column('text')
  action!: string;

  @Column('text', { nullable: true })
  target!: string | null;

  @Column('text')
  outcome!: string;

  @Column('jsonb')
  data!: Record<string, unknown>;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('bytea', { name: 'previous_hash', nullable: true })
  previousHash!: Buffer | null;

  @Column('bytea')
  hash!: Buffer;
}
