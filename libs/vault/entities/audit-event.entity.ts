import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who did what. Rows are only ever added; each hashes the one before it in its chain. */
@Entity({ schema: 'gk', name: 'audit_events' })
export class AuditEvent {
  /** Its place in the chain, from 1 without a gap; a bigint, so a string here. */
  @PrimaryColumn('bigint', { name: 'sequence' })
  id!: string;

  /** Null: the platform's own chain. */
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

  /** In whole milliseconds. */
  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('bytea', { name: 'previous_hash' })
  previousHash!: Buffer;

  @Column('bytea')
  hash!: Buffer;

  /** Of the key-encryption key from which the key of the MAC is derived. */
  @Column('text')
  kid!: string;

  @Column('bytea')
  mac!: Buffer;
}
