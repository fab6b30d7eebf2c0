/** The facts of a route that are known without looking into it. */
export interface RouteTraits {
  /** As OpenAPI spells it, such as `/v1/tenants/{tenant}`. */
  readonly path: string;
  /** In lower case. */
  readonly method: string;
  readonly needsCaller: boolean;
  /** Whether the interceptor of `Idempotency-Key` stands before it. */
  readonly isIdempotent: boolean;
}

/** A request that cannot be read is refused before anybody looks for its route. */
const ofEveryRoute = [400, 408, 431, 500];

/** Statuses of the refusals that a route shares with all routes of its kind. */
export function usualProblems({ path, method, needsCaller, isIdempotent }: RouteTraits): readonly number[] {
  const hasParameters = path.includes('{');
  const takesBody = method !== 'get';
  return [
    ...ofEveryRoute,
    ...(hasParameters ? [404, 414] : []),
    ...(needsCaller ? [401, 403, 429, 503] : []),
    ...(isIdempotent ? [409] : []),
    ...(takesBody ? [413, 415] : []),
  ];
}
