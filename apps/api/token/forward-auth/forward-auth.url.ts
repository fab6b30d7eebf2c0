const start = /^(\/v1\/tenants\/[^/?]+\/connections\/[^/?]+\/forward_auth)[/?]/;

/** Envoy writes the path and query of the request it asks about after the address it is given; they say nothing here. */
export function withoutForwardedPath(url: string): string {
  return start.exec(url)?.[1] ?? url;
}
