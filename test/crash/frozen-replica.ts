import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#testing';
import type { Api, Installation } from '../support/installation.js';
import type { FreezePoint } from './freeze-points.js';
import { PostgresValve } from './postgres-valve.js';
import { expectStatus, type Mode, type RotatingConnection } from './rotating-grants.js';

const provider = 'generic-oauth2';
const tenant = 'frozen';
const tenantPath = `/v1/tenants/${tenant}`;
/** Points in the provider's answer. */
const pointsInAnswer = 4;

/** A connection whose renewal stands at that point of a frozen process. */
export interface FrozenConnection extends RotatingConnection {
  readonly point: FreezePoint;
}

/** An api process that is frozen while its renewals are at every point at once. */
export class FrozenReplica {
  private constructor(
    private readonly installation: Installation,
    private readonly points: readonly FreezePoint[],
    private readonly valve: PostgresValve,
    private running: Api,
    private dataDir: string,
  ) {}

  /** @param modes ways of rotating that occur; two at once have room in the pool of the process */
  static async start(
    installation: Installation,
    points: readonly FreezePoint[],
    modes: readonly Mode[],
  ): Promise<FrozenReplica> {
    const valve = await PostgresValve.start(installation.database.url);
    const dataDir = mkdtempSync(join(tmpdir(), 'gk-crash-'));
    const api = await startApi(installation, valve, dataDir);
    const replica = new FrozenReplica(installation, points, valve, api, dataDir);
    await expectStatus(api.admin('POST', '/v1/tenants', { id: tenant, name: tenant }), 201);
    for (const point of points) for (const mode of modes) await replica.register(point, mode);
    return replica;
  }

  get api(): Api {
    return this.running;
  }

  /**
   * Freezes once more where the provider had answered too early: four points lie in its answer, and would mean
   * nothing. A machine that pauses can do that.
   *
   * @param decide renews those of a freeze that was too late, so that they are over
   */
  async freeze(
    modes: readonly Mode[],
    decide: (connection: RotatingConnection) => Promise<void>,
  ): Promise<FrozenConnection[]> {
    for (let attempt = 1; ; attempt += 1) {
      await this.waitForAnswers(0);
      const connections = await this.freezeOnce(modes);
      const inAnswer = await this.inAnswer();
      if (inAnswer === pointsInAnswer * modes.length) return connections;
      this.wake();
      if (attempt === 5) throw new Error(`Only ${inAnswer} renewals stood in the provider's answer.`);
      await Promise.all(connections.map(decide));
    }
  }

  /** Resolves once the answers that come first lie in the sockets of the frozen process: those of "body". */
  async bodiesHaveCome(modes: readonly Mode[]): Promise<void> {
    await this.waitForAnswers((pointsInAnswer - 1) * modes.length);
  }

  /** Another process takes its place, over the same way to the database. */
  async replace(comesBack: boolean): Promise<void> {
    await this.running.stop('SIGKILL');
    const left = this.dataDir;
    if (!comesBack) this.dataDir = mkdtempSync(join(tmpdir(), 'gk-crash-'));
    this.running = await startApi(this.installation, this.valve, this.dataDir);
    if (!comesBack) rmSync(left, { recursive: true, force: true });
  }

  /** Renews new grants, one of each mode for each point, and stops the process when all have come to their points. */
  private async freezeOnce(modes: readonly Mode[]): Promise<FrozenConnection[]> {
    const connections: FrozenConnection[] = [];
    for (const point of this.points) {
      for (const mode of modes) connections.push(await this.import(point, mode));
    }
    for (const connection of connections) {
      const reached = await connection.point.arrange({
        valve: this.valve,
        sandbox: this.installation.sandbox,
        clientId: connection.clientId,
        connectionUuid: await this.uuidOf(connection),
      });
      this.running.admin('POST', `${connection.path}/renew`).catch(() => undefined);
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
    await this.running.stop();
    await this.valve.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private get pid(): number {
    const { pid } = this.running.child;
    if (pid === undefined) throw new Error('The replica did not start.');
    return pid;
  }

  private async waitForAnswers(left: number): Promise<void> {
    await eventually(async () => {
      if ((await this.inAnswer()) > left) throw new Error('The provider has not answered yet.');
    }, 20_000);
  }

  /** Requests the provider has not finished answering. */
  private async inAnswer(): Promise<number> {
    const { json } = await this.installation.sandbox('GET', '/_control/requests?limit=200');
    return json.items.filter(({ outcome }: { outcome: string }) => outcome === 'in_flight').length;
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
    await expectStatus(this.running.admin('POST', `${tenantPath}/credentials`, credential), 201);
  }

  private async import(point: FreezePoint, mode: Mode): Promise<FrozenConnection> {
    const clientId = clientOf(point, mode);
    const id = `c-${randomBytes(5).toString('hex')}`;
    const grant = { provider, client_id: clientId, user: id };
    const { json } = await expectStatus(this.installation.sandbox('POST', '/_control/grants', grant), 201);
    const { refresh_token } = json;
    const connection = { id, credential: clientId, grant: 'refresh_token', refresh_token };
    await expectStatus(this.running.admin('POST', `${tenantPath}/connections`, connection), 201);
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

function startApi(installation: Installation, valve: PostgresValve, dataDir: string): Promise<Api> {
  return installation.startApi({ DATABASE_URL: valve.url, GRANTKEEPER_DATA_DIR: dataDir });
}

function clientOf(point: FreezePoint, mode: Mode): string {
  return `${point.name}-${mode}`.replaceAll(/[ _]/g, '-');
}
