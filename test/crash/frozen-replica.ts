import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api, Installation } from '../support/installation.js';
import { type FreezePoint, freezePoints } from './freeze-points.js';
import { PostgresValve } from './postgres-valve.js';
import { expectStatus, type Mode, type RotatingConnection } from './rotating-grants.js';

const provider = 'generic-oauth2';
const tenantPath = '/v1/tenants/acme';

/** A connection whose renewal stands at that point of a frozen process. */
export interface FrozenConnection extends RotatingConnection {
  readonly point: FreezePoint;
}

/** An api process that is frozen while its renewals are at every point at once. */
export class FrozenReplica {
  private constructor(
    private readonly installation: Installation,
    private readonly modes: readonly Mode[],
    private readonly valve: PostgresValve,
    private readonly api: Api,
    private readonly dataDir: string,
  ) {}

  static async start(installation: Installation, modes: readonly Mode[]): Promise<FrozenReplica> {
    const valve = await PostgresValve.start(installation.database.url);
    const dataDir = mkdtempSync(join(tmpdir(), 'gk-crash-'));
    const api = await installation.startApi({ DATABASE_URL: valve.url, GRANTKEEPER_DATA_DIR: dataDir });
    const replica = new FrozenReplica(installation, modes, valve, api, dataDir);
    await expectStatus(api.admin('POST', '/v1/tenants', { id: 'acme', name: 'Acme' }), 201);
    for (const point of freezePoints) for (const mode of modes) await replica.register(point, mode);
    return replica;
  }

  /** Renews new grants, one of each mode for each point, and stops the process when all have come to their points. */
  async freeze(): Promise<FrozenConnection[]> {
    const connections: FrozenConnection[] = [];
    for (const point of freezePoints) {
      for (const mode of this.modes) connections.push(await this.import(point, mode));
    }
    for (const connection of connections) {
      const reached = await connection.point.arrange({
        valve: this.valve,
        sandbox: this.installation.sandbox,
        clientId: connection.clientId,
        connectionUuid: await this.uuidOf(connection),
      });
      this.api.admin('POST', `${connection.path}/renew`).catch(() => undefined);
      await reached();
    }
    process.kill(this.pid, 'SIGSTOP');
    return connections;
  }

  /** It runs on, and what was on its way to it or from it arrives. */
  wake(): void {
    process.kill(this.pid, 'SIGCONT');
    this.valve.open();
  }

  async remove(): Promise<void> {
    this.wake();
    await this.api.stop();
    await this.valve.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private get pid(): number {
    const { pid } = this.api.child;
    if (pid === undefined) throw new Error('The replica did not start.');
    return pid;
  }

  private async register(point: FreezePoint, mode: Mode): Promise<void> {
    const { sandbox, sandboxOrigin } = this.installation;
    const client = { client_id: clientOf(point, mode), client_secret: randomBytes(16).toString('hex') };
    await expectStatus(sandbox('POST', '/_control/clients', { provider, ...client }), 201);
    const switches = { rotation: mode, grace_seconds: 600 };
    const behaviour = { provider, client_id: client.client_id, switches };
    await expectStatus(sandbox('PUT', '/_control/behaviours', behaviour), 200);
    const settings = { token_endpoint: `${sandboxOrigin}/generic/token`, rotation: mode };
    const credential = { id: client.client_id, provider, ...client, settings };
    await expectStatus(this.api.admin('POST', `${tenantPath}/credentials`, credential), 201);
  }

  private async import(point: FreezePoint, mode: Mode): Promise<FrozenConnection> {
    const clientId = clientOf(point, mode);
    const id = `c-${randomBytes(5).toString('hex')}`;
    const grant = { provider, client_id: clientId, user: id };
    const { json } = await expectStatus(this.installation.sandbox('POST', '/_control/grants', grant), 201);
    const { refresh_token } = json;
    const connection = { id, credential: clientId, grant: 'refresh_token', refresh_token };
    await expectStatus(this.api.admin('POST', `${tenantPath}/connections`, connection), 201);
    return { point, mode, id, clientId, user: id, path: `${tenantPath}/connections/${id}` };
  }

  private async uuidOf({ id }: RotatingConnection): Promise<string> {
    const [row] = await this.installation.database.query<{ id: string }>(
      'select id from gk.connections where slug = $1',
      [id],
    );
    return row?.id ?? '';
  }
}

function clientOf(point: FreezePoint, mode: Mode): string {
  return `${point.name}-${mode}`.replaceAll(/[ _]/g, '-');
}
