import type { RotationMode } from '#provider-kit';

interface RefreshToken {
  readonly name: string;
  readonly parent: string | null;
  replaced: boolean;
  presented: number;
}

/** A provider's side of one grant: what a refresh does to the token that was used. Its grace never ends here. */
export class RotatingProvider {
  private readonly tokens = new Map<string, RefreshToken>();
  private revoked = false;

  constructor(private readonly mode: RotationMode) {
    this.issue(null);
  }

  /** The refresh token a connection is imported with. */
  readonly first = 'token 1';

  /** @returns the refresh token to use from now on; null: refused */
  refresh(name: string): string | null {
    const token = this.tokens.get(name);
    if (!token) return null;
    token.presented += 1;
    if (!this.accepts(name)) {
      if (token.replaced && this.mode !== 'confirm_on_use') this.revoked = true;
      return null;
    }
    if (this.mode === 'none') return name;
    if (this.mode === 'confirm_on_use') this.replaceForebears(token);
    else token.replaced = true;
    return this.issue(name);
  }

  /** Whether a refresh with it would succeed. */
  accepts(name: string): boolean {
    const token = this.tokens.get(name);
    return token !== undefined && !this.revoked && (!token.replaced || this.mode === 'grace');
  }

  timesPresented(name: string): number {
    return this.tokens.get(name)?.presented ?? 0;
  }

  get names(): string[] {
    return [...this.tokens.keys()];
  }

  /** The use of a token proves that its client has it: neither its parent nor its siblings are needed any more. */
  private replaceForebears({ name, parent }: RefreshToken): void {
    if (parent === null) return;
    for (const other of this.tokens.values()) {
      if (other.name === parent || (other.parent === parent && other.name !== name)) other.replaced = true;
    }
  }

  private issue(parent: string | null): string {
    const name = `token ${this.tokens.size + 1}`;
    this.tokens.set(name, { name, parent, replaced: false, presented: 0 });
    return name;
  }
}
