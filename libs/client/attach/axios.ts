import { type AttachedTokens, authorizationOf } from './attached-tokens.js';
import { isReplayable } from './is-replayable.js';

/** An instance of axios 1. */
export interface AxiosLike {
  readonly interceptors: {
    readonly request: { use(...interceptors: never[]): unknown };
    readonly response: { use(...interceptors: never[]): unknown };
  };
  request(config: never): Promise<unknown>;
  getUri(config?: never): string;
}

/** A member of its own in the configuration: axios copies it from step to step. */
const mark = 'grantkeeperClient';

interface RequestConfig {
  headers: { set(name: string, value: string): unknown };
  auth?: unknown;
  data?: unknown;
  signal?: AbortSignal;
  [mark]?: { readonly generation: number; readonly isRetry: boolean };
}

interface AxiosResponse {
  readonly status: number;
  readonly config: RequestConfig;
  readonly request?: { readonly res?: { readonly responseUrl?: string } };
}

interface Interceptors {
  readonly request: { use(onFulfilled: (config: RequestConfig) => unknown): unknown };
  readonly response: {
    use(onFulfilled: (answer: AxiosResponse) => unknown, onRejected: (error: unknown) => unknown): unknown;
  };
}

export function attachAxios(tokens: AttachedTokens, instance: AxiosLike): void {
  const { request, response } = instance.interceptors as Interceptors;
  request.use(async (config: RequestConfig) => {
    const token = await tokens.token(config.signal);
    // It would take the place of the header.
    config.auth = undefined;
    config.headers.set('Authorization', authorizationOf(token));
    config[mark] = { generation: token.generation, isRetry: config[mark] !== undefined };
    return config;
  });

  const again = async (answer: AxiosResponse): Promise<unknown> => {
    const { config } = answer;
    const sent = config[mark];
    if (answer.status !== 401 || !sent || sent.isRetry || isElsewhere(instance, answer)) return undefined;
    const hasNext = await tokens.reject(sent.generation, config.signal);
    if (!hasNext || !isReplayable(config.data)) return undefined;
    // The body has been through the transformations already.
    return instance.request({ ...config, transformRequest: [(data: unknown) => data] } as never);
  };
  response.use(
    async (answer: AxiosResponse) => (await again(answer)) ?? answer,
    async (error: unknown) => {
      const { response: answer } = Object(error) as { response?: AxiosResponse };
      const second = answer && (await again(answer));
      if (second === undefined) throw error;
      return second;
    },
  );
}

/** A redirect has led to a server that never saw the token: axios takes `Authorization` off. */
function isElsewhere(instance: AxiosLike, { config, request }: AxiosResponse): boolean {
  const { responseUrl } = request?.res ?? {};
  const url = instance.getUri(config as never);
  if (responseUrl === undefined || !URL.canParse(url)) return false;
  return new URL(responseUrl).origin !== new URL(url).origin;
}
