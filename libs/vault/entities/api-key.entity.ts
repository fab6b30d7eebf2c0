import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A caller's key, of which only the hash is kept. */
@Entity({ schema: 'gk', name: 'api_keys' })
export class ApiKey {
  @PrimaryColumn('uuid')
  id!: string;

  /** Null: a key of the platform. */
  @Column('uuid', { name: 'tenant_id', nullable: true })
  tenantId!: string | null;

  @Column('text')
  name!: string;

  @Column('text')
  role!: string;

  /** Slugs a token reader is narrowed to; null means every connection of the tenant. */
  @Column('text', { array: true, nullable: true })
  connections!: string[] | null;

  /** SHA-256 of the key; a key has 160 random bits, so nothing slower is needed. */
  @Column('bytea', { select: false })
  hash!: Buffer;

  @Column('text', { name: 'mac_kid', select: false })
  macKid!: string;

  /** Shows that this installation wrote the row: see `RowMac`. */
  @Column('bytea', { select: false })
  mac!: Buffer;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
