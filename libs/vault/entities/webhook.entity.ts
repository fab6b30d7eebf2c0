import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where a tenant wants to be told what happens to its connections. */
@Entity({ schema: 'gk', name: 'webhooks' })
export class Webhook {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  url!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  /** Null: all types. */
  @Column('text', { array: true, nullable: true })
  events!: readonly string[] | null;

  /** The signing secret, sealed. */
  @Column('text')
  sealed!: string;

  /** Its endpoint said that it is gone; nothing is sent to it any more. */
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  /** Since then every attempt has failed; null while they succeed. */
  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
