import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import { isSlug } from '../../http/common.schemas.js';
import { Answers } from '../../openapi/answers.js';
import { notFound } from '../../problem/to-problem.js';
import { Issuer } from './issuer.js';
import { type ServerMetadata, serverMetadata, serverMetadataSchema } from './metadata.js';

const path = '.well-known/oauth-authorization-server';
const anHour = 'public, max-age=3600';

/** RFC 8414: where the token endpoints are. It says the same of any name as of a connection. */
@ApiTags('Tokens')
@Controller(path)
@Public()
export class MetadataController {
  constructor(private readonly issuer: Issuer) {}

  @Get()
  @Header('cache-control', anHour)
  @Answers(200, 'The token endpoint, for OAuth client libraries (RFC 8414)', serverMetadataSchema)
  ofInstallation(): ServerMetadata {
    return serverMetadata(this.issuer.url(), this.issuer.url());
  }

  /** Each connection is an issuer of its own, whose path stands after the well-known one (RFC 8414 §3.1). */
  @Get('v1/tenants/:tenant/connections/:id')
  @Header('cache-control', anHour)
  @Answers(200, 'The same of one connection', serverMetadataSchema)
  ofConnection(@Param('tenant') tenant: string, @Param('id') id: string): ServerMetadata {
    if (!isSlug(tenant) || !isSlug(id)) throw notFound();
    return serverMetadata(`${this.issuer.url()}/v1/tenants/${tenant}/connections/${id}`, this.issuer.url());
  }
}
