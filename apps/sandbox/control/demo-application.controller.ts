import { Controller, Get } from '@nestjs/common';
import { demoApplication } from '../issuers/vonage-network/demo-application.js';

/** An application a person can register elsewhere as it stands. Its key opens nothing but this sandbox. */
@Controller('_control/demo-application')
export class DemoApplicationController {
  @Get()
  show() {
    const { client, privateKey } = demoApplication();
    return {
      provider: 'vonage-network',
      client_id: client.clientId,
      private_key: privateKey,
      public_key: client.publicKeys[0],
      redirect_uris: client.redirectUris,
    };
  }
}
