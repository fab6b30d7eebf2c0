import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { toInstant } from '../world/sandbox-clock.js';
import { World } from '../world/world.js';
import { type ClockBody, clockSchema } from './control.schemas.js';

@Controller('_control')
export class WorldController {
  constructor(private readonly world: World) {}

  @Get('clock')
  clock() {
    return { now: toInstant(this.world.clock.nowMs()) };
  }

  /** Moves the sandbox's clock forward: tokens age at once. Delays still take real time. */
  @Post('clock')
  @HttpCode(200)
  advance(@Body({ schema: clockSchema }) body: ClockBody) {
    this.world.clock.advance(body.advance_seconds);
    return this.clock();
  }

  @Post('reset')
  @HttpCode(204)
  reset(): void {
    this.world.reset();
  }
}
