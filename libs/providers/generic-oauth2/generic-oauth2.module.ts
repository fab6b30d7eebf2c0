import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { GenericOauth2Adapter } from './generic-oauth2.adapter.js';

@Module({
  imports: [OauthHttpModule],
  providers: [GenericOauth2Adapter],
  exports: [GenericOauth2Adapter],
})
class GenericOauth2Module {}

export const genericOauth2 = { module: GenericOauth2Module, adapter: GenericOauth2Adapter };
