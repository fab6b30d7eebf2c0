import type { SecretReference } from './apply-file.schemas.js';

/** A variable of the environment for each secret, no two the same. */
export class VariableNames {
  private readonly given = new Set<string>();

  reference(...parts: readonly string[]): SecretReference {
    const word = ['GK', ...parts].map((part) => part.toUpperCase().replace(/[^A-Z0-9]/g, '_')).join('__');
    let name = word;
    for (let next = 2; this.given.has(name); next += 1) name = `${word}__${next}`;
    this.given.add(name);
    return { secret_env: name };
  }
}
