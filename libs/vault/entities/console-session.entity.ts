import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A browser that is signed in to the console. */
@Entity({ schema: 'gk', name: 'console_sessions' })
export class ConsoleSession {
  @PrimaryColumn('uuid')
  id!: string;

  /** Null: of the platform. */
  @Column('uuid', { name: 'tenant_id', nullable: true })
  tenantId!: string | null;

  /** The key that it was begun with; it ends with that key. Null: begun by single sign-on. */
  @Column('uuid', { name: 'api_key_id', nullable: true })
  apiKeyId!: string | null;

  /** The workload identity that let its person in; it ends with it. Null: by a key, or a platform administrator. */
  @Column('uuid', { name: 'identity_id', nullable: true })
  identityId!: string | null;

  /** SHA-256 of the random part of the cookie. */
  @Column('bytea', { select: false })
  hash!: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'last_used_at', insert: false })
  lastUsedAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}
