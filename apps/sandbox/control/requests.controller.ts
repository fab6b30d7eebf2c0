import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import { World } from '../world/world.js';
import {
  type RequestQuery,
  requestQuerySchema,
  type ScopeQuery,
  scopeQuerySchema,
} from './control.schemas.js';

/** The requests that the providers got, and their counts. */
@Controller('_control')
export class RequestsController {
  constructor(private readonly world: World) {}

  @Get('requests')
  requests(@Query({ schema: requestQuerySchema }) { limit, ...filter }: RequestQuery) {
    return { items: this.world.requestLog.find(filter, limit) };
  }

  /** Forgets the requests and starts the counts at zero; tokens stay good. */
  @Delete('requests')
  @HttpCode(204)
  forget(): void {
    this.world.requestLog.reset();
    this.world.tally.reset();
  }

  @Get('counts')
  counts(@Query({ schema: scopeQuerySchema }) filter: ScopeQuery) {
    const items = this.world.tally.list(filter);
    const sum = (member: 'arrived' | 'requests' | 'issued') =>
      items.reduce((total, count) => total + count[member], 0);
    return {
      items,
      total: { arrived: sum('arrived'), requests: sum('requests'), issued: sum('issued') },
    };
  }
}
