import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One trip of one browser to a provider and back. Everything unguessable in it is kept as a SHA-256, or sealed. */
@Entity({ schema: 'gk', name: 'authorization_sessions' })
export class AuthorizationSession {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'connection_id' })
  connectionId!: string;

  /** Of the part of `authorization_url` that opens the session. */
  @Column('bytea', { name: 'link_hash' })
  linkHash!: Buffer;

  @Column('bytea', { name: 'state_hash' })
  stateHash!: Buffer;

  /** Of the `state` a provider may send back in the place of ours. */
  @Column('bytea', { name: 'alternate_state_hash', nullable: true })
  alternateStateHash!: Buffer | null;

  /** Of the cookie of the browser that opened it; null until opened, or where browsers are not bound. */
  @Column('bytea', { name: 'cookie_hash', nullable: true })
  cookieHash!: Buffer | null;

  @Column('bytea', { name: 'confirmation_hash', nullable: true })
  confirmationHash!: Buffer | null;

  @Column('text', { name: 'return_url', nullable: true })
  returnUrl!: string | null;

  /** `SessionSecrets`. */
  @Column('text')
  sealed!: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'opened_at', nullable: true })
  openedAt!: Date | null;

  @Column('timestamptz', { name: 'returned_at', nullable: true })
  returnedAt!: Date | null;

  @Column('timestamptz', { name: 'confirm_until', nullable: true })
  confirmUntil!: Date | null;

  @Column('timestamptz', { name: 'confirmed_at', nullable: true })
  confirmedAt!: Date | null;
}
