import { Module } from '@nestjs/common';
import { OauthHttpModule } from '#oauth-http';
import { Net2phoneCanadaAdapter } from './net2phone-canada.adapter.js';

@Module({
  imports: [OauthHttpModule],
  providers: [Net2phoneCanadaAdapter],
  exports: [Net2phoneCanadaAdapter],
})
class Net2phoneCanadaModule {}

export const net2phoneCanada = { module: Net2phoneCanadaModule, adapter: Net2phoneCanadaAdapter };
