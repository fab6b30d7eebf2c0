import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Which JWTs of an issuer come in, and as what. */
@Entity({ schema: 'gk', name: 'workload_identities' })
export class WorkloadIdentity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('text')
  slug!: string;

  @Column('text')
  issuer!: string;

  /** Null: the one that the issuer is listed with. */
  @Column('text', { nullable: true })
  audience!: string | null;

  /** By the name of a claim, what it must be. */
  @Column('jsonb')
  match!: Readonly<Record<string, string | { readonly glob: string }>>;

  @Column('text')
  role!: string;

  /** Slugs a token reader is narrowed to; null means every connection of the tenant. */
  @Column('text', { array: true, nullable: true })
  connections!: readonly string[] | null;

  @Column('text', { name: 'mac_kid', select: false })
  macKid!: string;

  @Column('bytea', { select: false })
  mac!: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false })
  createdAt!: Date;
}
