import type { Token } from '../api-types.js';
import { type AttachedTokens, authorizationOf } from './attached-tokens.js';
import { isReplayable } from './is-replayable.js';
import { UnauthorizedHandler, type UndiciHandler } from './unauthorized-handler.js';
import { type UndiciHeaders, withAuthorization } from './undici-headers.js';

export type UndiciDispatch = (options: never, handler: never) => boolean;

interface DispatchOptions {
  readonly origin?: string | URL;
  readonly body?: unknown;
  readonly headers?: UndiciHeaders | null;
}

type Dispatch = (options: DispatchOptions, handler: UndiciHandler) => boolean;

/** For undici 7 and later. */
export function tokenInterceptor(
  tokens: AttachedTokens,
  origins: readonly string[],
): <D extends UndiciDispatch>(dispatch: D) => D {
  const isOurs = (origin: string | URL) => origins.includes(new URL(origin).origin);
  const intercept = (dispatch: Dispatch): Dispatch => {
    const send = async (options: DispatchOptions, handlerOf: (token: Token) => UndiciHandler) => {
      const token = await tokens.token();
      const headers = withAuthorization(options.headers, authorizationOf(token));
      dispatch({ ...options, headers }, handlerOf(token));
    };
    return (options, handler) => {
      // A client or pool has one origin and needs none in each request.
      if (options.origin !== undefined && !isOurs(options.origin)) return dispatch(options, handler);
      const fail = (error: unknown) => handler.onResponseError?.(null, error);
      const retry = () => void send(options, () => handler).catch(fail);
      const reject = async (token: Token, url: URL | undefined) =>
        url !== undefined && !isOurs(url)
          ? false
          : (await tokens.reject(token)) && isReplayable(options.body);
      send(
        options,
        (token) => new UnauthorizedHandler(handler, { reject: (url) => reject(token, url), retry }),
      ).catch(fail);
      return true;
    };
  };
  return intercept as unknown as <D extends UndiciDispatch>(dispatch: D) => D;
}
