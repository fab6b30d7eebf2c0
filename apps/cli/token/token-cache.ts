import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../session.js';
import { lockFile } from './file-lock.js';
import { ownFolder, readOwnFile, replaceFile, UnsafeFileError } from './own-files.js';
import { isFresh, isSingleUse, type ServedToken } from './token-document.js';

/** One token on disk, by address, key and connection, shared by the processes of one user. */
export class TokenCache {
  private isWarned = false;

  private constructor(
    private readonly session: Session,
    private readonly path: string,
  ) {}

  /** @returns undefined, after a warning, where the folder is not ours alone */
  static open(session: Session, connection: string): TokenCache | undefined {
    const { env } = session.terminal;
    const { url, key } = session.api.target;
    const folder = join(env['XDG_CACHE_HOME'] || join(env['HOME'] ?? homedir(), '.cache'), 'grantkeeper');
    const keyHash = createHash('sha256').update(key).digest('hex');
    const name = createHash('sha256')
      .update(JSON.stringify([url.href, keyHash, connection]))
      .digest('hex');
    try {
      ownFolder(folder);
      return new TokenCache(session, join(folder, `${name}.json`));
    } catch (error) {
      return warned(session, folder, error);
    }
  }

  /** The kept token while it is fresh; otherwise the one that the first of all waiting processes asks for. */
  async read(minTtlSeconds: number, ask: () => Promise<ServedToken>): Promise<ServedToken> {
    const startedAtMs = Date.now();
    const kept = this.kept();
    if (kept && isFresh(kept, minTtlSeconds)) return kept;
    const release = await this.locked();
    try {
      const now = this.kept();
      // Read by another while we waited, it is as new as anything we would get.
      if (now && (isFresh(now, minTtlSeconds) || (now.readAtMs >= startedAtMs && isFresh(now, 0))))
        return now;
      const token = await ask();
      if (!isSingleUse(token.document)) this.keep(token);
      return token;
    } finally {
      release?.();
    }
  }

  private kept(): ServedToken | undefined {
    try {
      const text = readOwnFile(this.path);
      return text === undefined ? undefined : (JSON.parse(text) as ServedToken);
    } catch (error) {
      // A file that was cut short is read anew.
      if (error instanceof SyntaxError || this.isWarned) return undefined;
      this.isWarned = true;
      return warned(this.session, this.path, error);
    }
  }

  private keep(token: ServedToken): void {
    try {
      replaceFile(this.path, JSON.stringify(token));
    } catch (error) {
      warned(this.session, this.path, error);
    }
  }

  /** Without a lock the token is read all the same, perhaps more than once. */
  private async locked(): Promise<(() => void) | undefined> {
    try {
      return await lockFile(`${this.path}.lock`);
    } catch (error) {
      return warned(this.session, this.path, error);
    }
  }
}

function warned(session: Session, path: string, error: unknown): undefined {
  const why =
    error instanceof UnsafeFileError ? error.message : ((error as NodeJS.ErrnoException).code ?? 'it failed');
  session.note(`the token is not kept in ${path}: ${why}`);
  return undefined;
}
