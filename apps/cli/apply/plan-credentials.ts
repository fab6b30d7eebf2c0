import type { ApiClient } from '../api/api-client.js';
import { CliError } from '../cli.errors.js';
import { segment } from '../resources/address.js';
import type { Json } from '../text/table.js';
import type { DeclaredCredential } from './apply-file.schemas.js';
import { differing } from './differing.js';
import { pruned } from './prune.js';
import type { Step } from './step.js';
import type { TenantPlan } from './tenant-plan.js';

export async function planCredentials(plan: TenantPlan): Promise<Step[]> {
  const present = await plan.present('credentials');
  const declared = plan.tenant.credentials;
  const steps = declared.map((credential) =>
    stepOf(
      plan,
      credential,
      present.find(({ id }) => id === credential.id),
    ),
  );
  return [
    ...steps,
    ...pruned(plan, 'credential', 'credentials', present, new Set(declared.map(({ id }) => id))),
  ];
}

function stepOf(plan: TenantPlan, declared: DeclaredCredential, present: Json | undefined): Step {
  const { id, client_secret, private_key, settings, ...members } = declared;
  const step = { kind: 'credential', name: `${plan.tenant.id}/${id}` } as const;
  const secrets = { client_secret, private_key };
  const missing = plan.references.missing(secrets);
  if (!present) {
    if (missing !== undefined) return { ...step, action: 'blocked', detail: missing };
    const body = () => ({
      id,
      ...members,
      settings: withoutNull(settings),
      ...plan.references.resolveAll(secrets),
    });
    return {
      ...step,
      action: 'create',
      run: (api) => api.call('POST', `${plan.path}/credentials`, { body: body() }),
    };
  }
  if (members.provider !== present['provider'])
    return {
      ...step,
      action: 'blocked',
      detail: 'its provider cannot be changed: delete it, or take another id.',
    };
  const changedSettings = differing(settings, present['settings'] as Json);
  const changed = {
    ...differing({ client_id: members.client_id }, present),
    ...(Object.keys(changedSettings).length > 0 ? { settings: changedSettings } : {}),
  };
  if (Object.keys(changed).length === 0) return { ...step, action: 'unchanged' };
  const names = [
    ...('client_id' in changed ? ['client_id'] : []),
    ...Object.keys(changedSettings).map((name) => `settings.${name}`),
  ];
  const path = `${plan.path}/credentials/${segment(id)}`;
  const resolved = () => (missing === undefined ? plan.references.resolveAll(secrets) : {});
  return {
    ...step,
    action: 'update',
    detail: names.join(', '),
    run: (api) => change(api, path, changed, resolved()),
  };
}

/** With the secret only where the API asks for it: a setting that decides where secrets are sent changes only so. */
async function change(api: ApiClient, path: string, body: object, secrets: object): Promise<Json> {
  try {
    return await api.call('PATCH', path, { body });
  } catch (error) {
    const isAbout = error instanceof CliError && /client_secret|private_key/.test(error.message);
    if (!isAbout || Object.keys(secrets).length === 0) throw error;
    return api.call('PATCH', path, { body: { ...body, ...secrets } });
  }
}

function withoutNull(settings: Json): Json {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
}
