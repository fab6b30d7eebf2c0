import { Column, Entity, PrimaryColumn } from 'typeorm';

export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One event on its way to one webhook. Rows are written by triggers and changed by functions of the schema. */
@Entity({ schema: 'gk', name: 'deliveries' })
export class Delivery {
  /** A bigint, so a string here: the order in which events happened. */
  @PrimaryColumn('bigint')
  id!: string;

  @Column('uuid', { name: 'tenant_id' })
  tenantId!: string;

  @Column('uuid', { name: 'webhook_id' })
  webhookId!: string;

  /** The receiver knows it by this, at every attempt. */
  @Column('uuid', { name: 'message_id' })
  messageId!: string;

  /** The API's id of the connection, which may be gone by now. */
  @Column('text')
  connection!: string;

  @Column('text')
  type!: string;

  /** Never holds a secret or a token. */
  @Column('jsonb')
  payload!: Record<string, unknown>;

  @Column('text')
  status!: DeliveryStatus;

  /** Since it was made, or sent again by hand. */
  @Column('integer')
  attempts!: number;

  /** Null: ended, or waiting for an earlier one. While an attempt is under way, when another would take it over. */
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  /** HTTP status of the last answer; null when none came. */
  @Column('integer', { name: 'last_status', nullable: true })
  lastStatus!: number | null;

  /** Code of the last failure; null after a success. */
  @Column('text', { name: 'last_error', nullable: true })
  lastError!: string | null;

  @Column('timestamptz', { name: 'first_attempted_at', nullable: true })
  firstAttemptedAt!: Date | null;

  @Column('timestamptz', { name: 'last_attempted_at', nullable: true })
  lastAttemptedAt!: Date | null;

  /** When it was delivered or given up. */
  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
