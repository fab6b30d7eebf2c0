import { Injectable } from '@nestjs/common';
import { describeChange } from '../audit/caller-change.js';
import { added, originOf, removed, secret as secretValue } from '../audit/changed-fields.js';
import { Database } from '../database.js';
import type { Binding } from '../encryption/binding.js';
import { Sealer } from '../encryption/sealer.js';
import { Webhook } from '../entities/webhook.entity.js';
import { findPage, type Page, type PageRequest } from '../page.js';
import { newRowId } from '../row-id.js';
import { VaultError } from '../vault.errors.js';
import { dataKeysOf } from './data-keys.js';

/** Each event is written down once for every webhook, in the transaction of a renewal. */
const mostPerTenant = 50;

export interface NewWebhook {
  readonly url: string;
  readonly description: string | null;
  /** Null: all types. */
  readonly events: readonly string[] | null;
  /** `whsec_…`, as the receiver gets it. */
  readonly secret: string;
}

@Injectable()
export class WebhookRepository {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {}

  /** @throws VaultError `too_many` */
  create(tenantId: string, { secret, ...webhook }: NewWebhook): Promise<Webhook> {
    return this.database.inTenant(tenantId, async (manager) => {
      // Webhooks of a tenant are counted and added one at a time; renewals and other inserts do not wait.
      await manager.query('select 1 from gk.tenants where id = $1 for no key update', [tenantId]);
      if ((await manager.countBy(Webhook, { tenantId })) >= mostPerTenant) throw new VaultError('too_many');
      const id = newRowId();
      const [key] = await dataKeysOf(manager, tenantId);
      const sealed = await this.sealer.seal(secret, key, webhookBinding(tenantId, id));
      await manager.insert(Webhook, {
        ...webhook,
        id,
        tenantId,
        sealed,
        disabledAt: null,
        failingSince: null,
      });
      const row = await manager.findOneByOrFail(Webhook, { tenantId, id });
      describeChange(manager, { ...added(fieldsOf(row)), secret: secretValue });
      return row;
    });
  }

  find(tenantId: string, id: string): Promise<Webhook | null> {
    return this.database.inTenant(tenantId, (manager) => manager.findOneBy(Webhook, { tenantId, id }));
  }

  list(tenantId: string, page: PageRequest): Promise<Page<Webhook>> {
    return this.database.inTenant(tenantId, (manager) =>
      findPage(manager.getRepository(Webhook), { tenantId }, page),
    );
  }

  /** Takes its deliveries with it. @returns false when there is no such webhook */
  async remove(tenantId: string, id: string): Promise<boolean> {
    return this.database.inTenant(tenantId, async (manager) => {
      const row = await manager.findOneBy(Webhook, { tenantId, id });
      if (!row) return false;
      describeChange(manager, removed(fieldsOf(row)));
      return ((await manager.delete(Webhook, { tenantId, id })).affected ?? 0) > 0;
    });
  }
}

/** As the API names them; of the URL where it leads to, for its path may be all that its receiver asks for. */
function fieldsOf({ id, url, events }: Webhook) {
  return { id, origin: originOf(url), events };
}

/** Shared with the deliveries, which open the secret to sign. */
export function webhookBinding(tenantId: string, rowId: string): Binding {
  return { tenantId, table: 'webhooks', column: 'sealed', rowId, generation: 1 };
}
