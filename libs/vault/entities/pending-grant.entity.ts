import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A one-time credential still to be exchanged, sealed. At most one per connection. */
@Entity({ schema: 'gk', name: 'pending_grants' })
export class PendingGrant {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'connection_id' })
  connectionId!: string;

  @Column('text')
  type!: string;

  /** From the traits of the grant: it is sent at an interval until the user has answered. */
  @Column('boolean')
  polled!: boolean;

  @Column('text')
  sealed!: string;

  /** CIBA: seconds between two polls; null for what is exchanged once. */
  @Column('double precision', { name: 'interval_seconds', nullable: true })
  intervalSeconds!: number | null;

  /** Null: it has no end of its own. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  /** When the grant of before was due. */
  @Column('timestamptz', { name: 'replaced_due_at', nullable: true })
  replacedDueAt!: Date | null;
}
