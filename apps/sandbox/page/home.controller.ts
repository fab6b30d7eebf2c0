import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Issuer } from '../issuers/issuer.js';
import { ISSUERS } from '../issuers/issuer-list.js';
import { People } from '../world/people.js';
import { homePage } from './home.page.js';

@Controller()
export class HomeController {
  constructor(
    @Inject(ISSUERS) private readonly issuers: readonly Issuer[],
    private readonly people: People,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  home(@Req() request: FastifyRequest): string {
    return homePage(this.issuers, this.people.list(), `${request.protocol}://${request.host}`);
  }
}
