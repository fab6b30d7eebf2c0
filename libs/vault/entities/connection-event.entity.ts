import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event in the life of a connection, in order. Never holds a secret or a token. */
@Entity({ schema: 'gk', name: 'connection_events' })
export class ConnectionEvent {
  /** A bigint, so a string here. */
  @PrimaryColumn('bigint')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'connection_id' })
  connectionId!: string;

  @Column('text')
  type!: string;

  @Column('jsonb')
  data!: Record<string, unknown>;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
