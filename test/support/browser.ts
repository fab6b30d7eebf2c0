/** A page, or the answer a chain of redirects has ended at. */
export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly location: string | null;
}

/** A browser of one person: keeps cookies per origin and path, follows redirects until it is told to stop. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>();

  /** One request, no redirect followed. */
  async visit(url: string, form?: Record<string, string>): Promise<Visit> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: this.cookiesFor(url) },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const header of response.headers.getSetCookie()) this.keep(url, header);
    const location = response.headers.get('location');
    return {
      status: response.status,
      url,
      text: await response.text(),
      location: location === null ? null : new URL(location, url).href,
    };
  }

  /** Follows redirects up to a page, or up to the first address that begins with `until`, which is not fetched. */
  async follow(url: string, until?: string, form?: Record<string, string>): Promise<Visit> {
    let visit = await this.visit(url, form);
    for (let hops = 0; visit.location !== null && hops < 20; hops += 1) {
      if (until !== undefined && visit.location.startsWith(until)) return { ...visit, url: visit.location };
      visit = await this.visit(visit.location);
    }
    return visit;
  }

  cookieNames(): string[] {
    return [...this.cookies.keys()].map((key) => key.split(' ')[1] ?? '');
  }

  /** Throws its cookies of that origin away. */
  forget(origin: string): void {
    for (const key of this.cookies.keys()) if (key.startsWith(`${origin} `)) this.cookies.delete(key);
  }

  private keep(url: string, header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    const key = `${new URL(url).origin} ${name}`;
    if (value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute)))
      this.cookies.delete(key);
    else this.cookies.set(key, { value, path });
  }

  /** The header of a request to there. */
  cookiesFor(url: string): string {
    const { origin, pathname } = new URL(url);
    return [...this.cookies]
      .filter(([key, { path }]) => key.startsWith(`${origin} `) && pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(' ')[1]}=${value}`)
      .join('; ');
  }
}

/** Logs in and consents on oidc-provider's own pages. @returns where it sends the browser back to, not yet visited */
export async function consent(
  browser: Browser,
  authorizationUrl: string,
  callback: string,
  login = 'ada',
): Promise<string> {
  let visit = await browser.follow(authorizationUrl, callback);
  for (const form of [{ prompt: 'login', login, password: 'x' }, { prompt: 'consent' }]) {
    if (visit.url.startsWith(callback)) break;
    visit = await browser.follow(visit.url, callback, form);
  }
  if (!visit.url.startsWith(callback)) throw new Error(`Stuck at ${visit.status} ${visit.url}`);
  return visit.url;
}
