import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant's registration as a client of one provider. Its secrets are in `credential_secrets`. */
@Entity({ schema: 'gk', name: 'credentials' })
export class Credential {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** The API calls it `id`. */
  @Column('text')
  slug!: string;

  @Column('text')
  provider!: string;

  @Column('text', { name: 'client_id' })
  clientId!: string;

  /** Region or host that fails as one: connections of it share limits and one breaker. */
  @Column('text')
  upstream!: string;

  /** As the provider's schema parsed them, defaults included. */
  @Column('jsonb')
  settings!: Record<string, unknown>;

  /** A digest of provider, client id and settings, sealed: what was changed in the database shows. */
  @Column('text')
  seal!: string;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', insert: false })
  updatedAt!: Date;
}
