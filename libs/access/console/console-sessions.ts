import { Injectable } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { ConsoleSessionRepository } from '#vault';
import { FailedAuthentications } from '../limits/failed-authentications.js';
import { RequestLimits } from '../limits/request-limits.js';
import { limitsOf, type Principal } from '../principal.js';
import { isRole } from '../roles.js';
import { roleNow } from '../sso/people.js';
import { consoleTokenOf } from './console-cookie.js';
import { isFromConsole, isSecure } from './console-origin.js';

export interface ConsoleRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly ip: string;
}

/** Who comes with a session of the console. Nothing is remembered: a session that has ended is refused at once. */
@Injectable()
export class ConsoleSessions {
  constructor(
    private readonly sessions: ConsoleSessionRepository,
    private readonly failed: FailedAuthentications,
    private readonly requests: RequestLimits,
    @InjectSettings() private readonly settings: Settings,
  ) {}

  /**
   * @returns undefined where the request brings no session that is good now, or is not the console's own
   * @throws AccessError `rate_limited`, or what the database threw
   */
  async authenticate({ method, headers, ip }: ConsoleRequest): Promise<Principal | undefined> {
    if (headers['authorization'] !== undefined || !isFromConsole(method, headers, this.settings))
      return undefined;
    const { cookie } = headers;
    const token = consoleTokenOf(typeof cookie === 'string' ? cookie : undefined, isSecure(this.settings));
    if (token === undefined) return undefined;
    // The database is asked about no made-up session.
    const found = await this.sessions.findUsable(token);
    const isByKey = found?.holder.kind === 'key';
    const role = found && (isByKey ? found.role : roleNow(this.settings.consoleSso, found));
    if (!found || !role || !isRole(role)) {
      this.failed.count(ip);
      return undefined;
    }
    const { holder, tenantId, tenantSlug, connections, secondsSinceSignIn: secondsAgo } = found;
    const by = isByKey ? 'api_key' : 'single_sign_on';
    const principal = {
      ...{ callerId: isByKey ? holder.id : holder.person, role, tenantId, tenantSlug, connections },
      ...{ isConsole: true, signIn: { by, secondsAgo } as const },
    };
    const limited = { ...principal, ...limitsOf(found) };
    this.requests.admit(limited);
    return limited;
  }
}
