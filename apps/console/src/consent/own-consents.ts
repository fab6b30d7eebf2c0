/** Consents that were begun in this browser, by connection: what comes back of them needs no further question. */
const name = 'consents';
/** As long as the link is good, milliseconds. */
const goodForMs = 600_000;

export function returnUrlOf(tenant: string): string {
  return `${window.location.origin}/console/tenants/${encodeURIComponent(tenant)}/returned`;
}

export function noteBegun(tenant: string, connection: string): void {
  write({ ...read(), [`${tenant}/${connection}`]: Date.now() });
}

/** @returns whether it was begun here; once, for it is forgotten */
export function takeBegun(tenant: string, connection: string): boolean {
  const { [`${tenant}/${connection}`]: at, ...others } = read();
  write(others);
  return at !== undefined;
}

function read(): Record<string, number> {
  try {
    const begun = JSON.parse(window.localStorage.getItem(name) ?? '{}') as Record<string, number>;
    return Object.fromEntries(Object.entries(begun).filter(([, at]) => Date.now() - at < goodForMs));
  } catch {
    return {};
  }
}

function write(begun: Record<string, number>): void {
  window.localStorage.setItem(name, JSON.stringify(begun));
}
