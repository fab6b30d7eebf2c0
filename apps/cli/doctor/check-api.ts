import { CliError, exitCodes } from '../cli.errors.js';
import type { Session } from '../session.js';
import type { Json } from '../text/table.js';
import { type Finding, failed, ok, skipped, warning } from './finding.js';

/** Milliseconds; the header tells whole seconds. */
const tolerated = 5_000;

/** Asks the API about itself. */
export async function checkApi(session: Session): Promise<Finding[]> {
  try {
    const { reasons } = await session.api.call('GET', '/readyz');
    const { origin } = session.api.target.url;
    const remedy = 'The key service does not answer: see docs/runbooks.';
    const api = reasons ? warning('api', String(reasons), remedy) : ok('api', `${origin} is ready.`);
    return [api, await clock(origin), await accepted(session), await keys(session), await hold(session)];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.exitCode === exitCodes.usage)
      return [skipped('api', `${error.message} ${error.problem.remedy ?? ''}`)];
    return [failed('api', error.message, error.problem.remedy ?? 'See its log.')];
  }
}

async function clock(origin: string): Promise<Finding> {
  const { headers } = await fetch(`${origin}/livez`, { redirect: 'manual' });
  const offsetMs = Date.parse(headers.get('date') ?? '') - Date.now();
  if (Number.isNaN(offsetMs)) return skipped('clock', 'The API tells no time.');
  const apart = `The API is ${Math.round(Math.abs(offsetMs) / 1_000)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} the clock here.`;
  return Math.abs(offsetMs) > tolerated
    ? warning('clock', apart, 'Run NTP on both machines.')
    : ok('clock', apart);
}

async function accepted(session: Session): Promise<Finding> {
  return told('key', 'See: grantkeeper keys create.', async () => {
    await session.api.call('GET', '/v1/tenants', { query: { limit: '1' } });
    return ok('key', 'It is taken, of a platform admin.');
  });
}

function keys(session: Session): Promise<Finding> {
  const check = 'key-encryption keys';
  return told(check, 'Use a key of a platform admin.', async () => {
    const items = (await session.api.call('GET', '/v1/keys'))['items'] as Json[];
    const unlisted = items.filter(({ state }) => state === 'unlisted');
    const older = items.filter(({ state, data_keys }) => state === 'older' && Number(data_keys) > 0);
    const names = (keys: readonly Json[]) => keys.map(({ id }) => String(id)).join(', ');
    if (unlisted.length > 0)
      return failed(check, `Missing: ${names(unlisted)}.`, String(unlisted[0]?.['remedy']));
    if (older.length > 0)
      return warning(check, `In use beside the newest: ${names(older)}.`, 'grantkeeper keys rewrap');
    return ok(check, `All data keys are under ${names(items.slice(0, 1))}.`);
  });
}

function hold(session: Session): Promise<Finding> {
  return told('hold', 'Use a key of a platform admin.', async () => {
    const { held, reason, remedy } = await session.api.call('GET', '/v1/hold');
    if (held !== true) return ok('hold', 'Renewals are not held.');
    return failed(
      'hold',
      `Renewals are held: ${String(reason)}.`,
      String(remedy ?? 'grantkeeper hold release'),
    );
  });
}

/** A tenant's key may not ask about the platform; that is no fault. */
async function told(check: string, remedy: string, ask: () => Promise<Finding>): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.problem.code === 'forbidden') return skipped(check, 'The key is no platform admin.');
    return failed(check, error.message, error.problem.remedy ?? remedy);
  }
}
