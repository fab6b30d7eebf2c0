import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One version of a client secret or private key, sealed. The row id and version are part of what it is bound to. */
@Entity({ schema: 'gk', name: 'credential_secrets' })
export class CredentialSecret {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'credential_id' })
  credentialId!: string;

  /** From 1; the highest is the newest. */
  @Column('integer')
  version!: number;

  @Column('text')
  kind!: 'client_secret' | 'private_key' | 'none';

  @Column('text')
  sealed!: string;

  /** When the provider first accepted it; null until then. */
  @Column('timestamptz', { name: 'proved_at', nullable: true })
  provedAt!: Date | null;
}
