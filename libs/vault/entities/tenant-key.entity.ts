import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant's data key, wrapped by a key-encryption key. Without this row nothing of the tenant opens. */
@Entity({ schema: 'gk', name: 'tenant_keys' })
export class TenantKey {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  /** From 1; the highest seals, all open. */
  @Column('integer')
  version!: number;

  @Column('text')
  wrapped!: string;

  /** The key-encryption key that wraps it. */
  @Column('text', { name: 'kek_id' })
  kekId!: string;

  /** A bigint: at least as many ciphertexts were sealed with it. */
  @Column({ type: 'bigint', insert: false, select: false })
  seals!: string;

  /** Since when nothing is sealed with it, for one that is not the newest. */
  @Column({ type: 'timestamptz', name: 'unused_since', nullable: true, insert: false })
  unusedSince!: Date | null;
}
