import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './openapi-document.js';

/** `/openapi.json`, and `/docs` with its assets from this server; no other host is asked for anything. */
export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Grantkeeper API',
    swaggerOptions: { validatorUrl: 'none', persistAuthorization: false },
  });
}
