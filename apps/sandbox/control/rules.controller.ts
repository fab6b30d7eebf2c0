import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';
import { RuleBook, type StandingRule } from '../world/rule-book.js';
import { badRequest, notFound } from './bad-request.js';
import { type Rule, ruleSchema } from './rule.schemas.js';

@Controller('_control/rules')
export class RulesController {
  constructor(
    private readonly rules: RuleBook,
    @Inject(ISSUERS) private readonly issuers: readonly Issuer[],
  ) {}

  @Post()
  add(@Body({ schema: ruleSchema }) rule: Rule) {
    return view(this.rules.add(this.#spellOut(rule)));
  }

  @Get()
  list() {
    return { items: this.rules.list().map(view) };
  }

  @Get(':id')
  find(@Param('id') id: string) {
    const standing = this.rules.find(id);
    if (standing === undefined) throw notFound();
    return view(standing);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): void {
    if (!this.rules.remove(id)) throw notFound();
  }

  @Delete()
  @HttpCode(204)
  removeAll(): void {
    this.rules.reset();
  }

  /** Puts status, content type and body in the place of a canned reply's name; what the rule says itself wins. */
  #spellOut(rule: Rule): Rule {
    const { provider } = rule.match;
    const issuer = this.issuers.find(({ id }) => id === provider);
    if (provider !== undefined && issuer === undefined) {
      throw badRequest([{ path: ['match', 'provider'], message: 'no such provider' }]);
    }
    if (rule.canned === undefined) return rule;
    const canned = issuer?.cannedReplies[rule.canned];
    if (canned === undefined) {
      const names = Object.keys(issuer?.cannedReplies ?? {}).join(', ');
      throw badRequest([{ path: ['canned'], message: `this provider has: ${names}` }]);
    }
    return {
      ...rule,
      status: rule.status ?? canned.status,
      content_type: rule.content_type ?? canned.contentType,
      body: rule.body ?? canned.body,
    };
  }
}

function view({ id, rule, remaining, applied }: StandingRule) {
  return { id, remaining, applied, ...rule };
}
