import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { Settings } from '#config';
import { openApiDocument } from './openapi-document.js';

/** `/openapi.json`, and, unless it is switched off, `/docs` with its assets from this server; no other host is asked for anything. */
export function serveOpenApi(app: NestFastifyApplication, { docs }: Pick<Settings, 'docs'>): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, { docs }), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    ui: docs,
    customSiteTitle: 'Grantkeeper API',
    swaggerOptions: { validatorUrl: 'none', persistAuthorization: false },
  });
}
