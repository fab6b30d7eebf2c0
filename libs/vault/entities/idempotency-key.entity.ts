import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The answer to a mutation that named an `Idempotency-Key`, kept for 24 h. Answers kept here hold no secrets. */
@Entity({ schema: 'gk', name: 'idempotency_keys' })
export class IdempotencyKey {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id', nullable: true })
  tenantId!: string | null;

  @Column('text')
  caller!: string;

  @Column('text')
  route!: string;

  @Column('text')
  key!: string;

  @Column('bytea', { name: 'request_hash' })
  requestHash!: Buffer;

  /** Null while the first request is still under way. */
  @Column('integer', { nullable: true })
  status!: number | null;

  @Column('jsonb', { nullable: true })
  body!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
