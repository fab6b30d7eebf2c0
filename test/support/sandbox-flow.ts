import { Browser, type Visit } from './browser.js';
import { type Api, type Installation, startInstallation } from './installation.js';
import type { RoleProcess } from './role-process.js';

export const returnUrl = 'https://app.example.com/done';

/** One API and one worker, with the sandbox as every provider. */
export interface FlowProcesses {
  readonly installation: Installation;
  readonly api: Api;
  readonly worker: RoleProcess;
}

/** One tenant of these. */
export interface SandboxFlow extends FlowProcesses {
  /** `/v1/tenants/<tenant>` */
  readonly path: string;
  /** Registers the client at the sandbox and as a credential of the same name. */
  credential(id: string, provider: string, client: Record<string, unknown>, settings?: object): Promise<void>;
  connect(id: string, credential: string, fields: object): ReturnType<Api['admin']>;
  connection(id: string): Promise<Record<string, unknown>>;
  token(id: string): ReturnType<Api['admin']>;
  renew(id: string): ReturnType<Api['admin']>;
  /** Approves on the sandbox's page. @returns what the callback answers, in that browser or another one */
  comeBack(authorizationUrl: string, other?: Browser): Promise<Visit>;
  /** Approves and confirms. @returns the answer of `complete` */
  approve(id: string, authorizationUrl: string, other?: Browser): ReturnType<Api['admin']>;
  /** Whether the provider would take the token now. */
  accepts(token: string): Promise<boolean>;
}

export async function startFlowProcesses(): Promise<FlowProcesses> {
  // It tells polls that come too early, for which the process of the tests is too busy to keep time.
  const installation = await startInstallation();
  const [api, worker] = await Promise.all([installation.startApi(), installation.startWorker()]);
  return { installation, api, worker };
}

export async function sandboxFlow(processes: FlowProcesses, tenant: string): Promise<SandboxFlow> {
  const { installation, api } = processes;
  const callbackOf = (credential: string) => `${api.origin}/v1/callback/${tenant}/${credential}`;
  const path = `/v1/tenants/${tenant}`;
  await must(api.admin('POST', '/v1/tenants', { id: tenant, name: tenant }), 201);
  const comeBack = async (authorizationUrl: string, other?: Browser): Promise<Visit> => {
    const browser = new Browser();
    const callback = `${api.origin}/v1/callback`;
    let visit = await browser.follow(authorizationUrl, callback);
    const form = /action="([^"]+)"[\s\S]*name="consent" value="([^"]+)"/.exec(visit.text);
    if (form?.[1] && form[2]) {
      const action = new URL(form[1], visit.url).href;
      visit = await browser.follow(action, callback, { consent: form[2], decision: 'approve', user: 'ada' });
    }
    if (!visit.url.startsWith(callback))
      throw new Error(`Stuck at ${visit.status} ${visit.url}: ${visit.text}`);
    return (other ?? browser).visit(visit.url);
  };
  return {
    ...processes,
    path,
    credential: async (id, provider, { public_key, private_key, ...client }, settings = {}) => {
      const registered = {
        provider,
        ...client,
        ...(public_key ? { public_key } : {}),
        redirect_uris: [callbackOf(id)],
      };
      await must(installation.sandbox('POST', '/_control/clients', registered), 201);
      const secret = private_key ? { private_key } : {};
      const body = { id, provider, ...client, ...secret, settings };
      await must(api.admin('POST', `${path}/credentials`, body), 201);
    },
    connect: (id, credential, fields) =>
      api.admin('POST', `${path}/connections`, { id, credential, ...fields }),
    connection: async (id) => (await api.admin('GET', `${path}/connections/${id}`)).json,
    token: (id) => api.admin('GET', `${path}/connections/${id}/token`),
    renew: (id) => api.admin('POST', `${path}/connections/${id}/renew`),
    comeBack,
    approve: async (id, authorizationUrl, other) => {
      const back = await comeBack(authorizationUrl, other);
      const confirmation_code = new URL(back.location ?? back.url).searchParams.get('confirmation_code');
      return api.admin('POST', `${path}/connections/${id}/complete`, { confirmation_code });
    },
    accepts: async (token) =>
      (await installation.sandbox('GET', `/_control/tokens/${token}`)).json.accepted === true,
  };
}

async function must<T extends { status: number; text: string }>(
  answer: Promise<T>,
  status: number,
): Promise<T> {
  const got = await answer;
  if (got.status !== status) throw new Error(`Expected ${status}, got ${got.status}: ${got.text}`);
  return got;
}
