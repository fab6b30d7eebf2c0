import { Injectable } from '@nestjs/common';
import type { Rule } from '../control/rule.schemas.js';
import type { RouteKind } from '../issuers/issuer.js';

export interface RequestFacts {
  readonly provider: string | null;
  readonly client_id: string | null;
  readonly grant_type: string | null;
  readonly path: string;
  readonly kind: RouteKind | null;
}

export interface StandingRule {
  readonly id: string;
  readonly rule: Rule;
  /** `null`: until it is deleted. */
  remaining: number | null;
  applied: number;
}

/** Rules waiting for their requests. The oldest that matches applies, and only that one. */
@Injectable()
export class RuleBook {
  readonly #standing = new Map<string, StandingRule>();
  #lastNumber = 0;

  add(rule: Rule): StandingRule {
    this.#lastNumber += 1;
    const standing = { id: `rule-${this.#lastNumber}`, rule, remaining: rule.times, applied: 0 };
    this.#standing.set(standing.id, standing);
    return standing;
  }

  /**
   * Uses up one application of the rule it returns, at once: of two requests that arrive together only one
   * meets a rule with `times: 1`.
   */
  take(facts: RequestFacts): StandingRule | undefined {
    for (const standing of this.#standing.values()) {
      if (standing.remaining === 0 || !matches(standing.rule.match, facts)) continue;
      standing.applied += 1;
      if (standing.remaining !== null) standing.remaining -= 1;
      return standing;
    }
    return undefined;
  }

  /** Spent rules stay listed until they are deleted, so that a test can see that they applied. */
  list(): readonly StandingRule[] {
    return [...this.#standing.values()];
  }

  find(id: string): StandingRule | undefined {
    return this.#standing.get(id);
  }

  remove(id: string): boolean {
    return this.#standing.delete(id);
  }

  reset(): void {
    this.#standing.clear();
  }
}

function matches(match: Rule['match'], facts: RequestFacts): boolean {
  if (match.provider !== undefined && match.provider !== facts.provider) return false;
  if (match.client_id !== undefined && match.client_id !== facts.client_id) return false;
  if (match.grant_type !== undefined && match.grant_type !== facts.grant_type) return false;
  // Neither using a token nor a browser asks for one: a rule reaches resources and pages only by their path.
  if (match.path === undefined) return facts.kind === 'token' || facts.kind === 'other';
  return match.path.endsWith('*')
    ? facts.path.startsWith(match.path.slice(0, -1))
    : match.path === facts.path;
}
