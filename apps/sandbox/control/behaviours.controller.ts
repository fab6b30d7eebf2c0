import { Body, Controller, Delete, Get, HttpCode, Inject, Put, Query } from '@nestjs/common';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';
import { Behaviours } from '../world/behaviours.js';
import { badRequest, notFound } from './bad-request.js';
import {
  type BehaviourBody,
  type BehaviourScopeQuery,
  behaviourSchema,
  behaviourScopeSchema,
} from './control.schemas.js';

/** Standing deviations of a provider or of one client of it. */
@Controller('_control/behaviours')
export class BehavioursController {
  constructor(
    private readonly behaviours: Behaviours,
    @Inject(ISSUERS) private readonly issuers: readonly Issuer[],
  ) {}

  @Put()
  set(@Body({ schema: behaviourSchema }) body: BehaviourBody) {
    const issuer = this.issuers.find(({ id }) => id === body.provider);
    if (issuer === undefined) throw badRequest([{ path: ['provider'], message: 'no such provider' }]);
    const read = issuer.switches.safeParse(body.switches ?? {});
    if (!read.success) {
      throw badRequest(
        read.error.issues.map(({ path, message }) => ({ path: ['switches', ...path], message })),
      );
    }
    this.behaviours.set(body);
    return body;
  }

  @Get()
  list() {
    return { items: this.behaviours.list() };
  }

  @Delete()
  @HttpCode(204)
  remove(@Query({ schema: behaviourScopeSchema }) scope: BehaviourScopeQuery): void {
    if (!this.behaviours.remove(scope)) throw notFound();
  }
}
