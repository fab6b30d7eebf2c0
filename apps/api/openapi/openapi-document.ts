import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { plainOperations } from './plain-operations.js';
import { toJsonSchema } from './to-json-schema.js';

/** Paths in OpenAPI's spelling: `{tenant}` where the router says `:tenant`. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** OpenAPI 3.1 of every route: those of Nest's controllers are read off, the others are added. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Grantkeeper')
    .setDescription('Keeps OAuth grants alive; one call returns a valid access token.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, or a workload JWT.' }, 'key')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'Id of an API key, and the key.' }, 'client')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Grantkeeper-Key' }, 'proxy')
    .addSecurityRequirements('key')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    autoTagControllers: false,
    operationIdFactory: (controller, method) => `${method}${controller.replace(/Controller$/, '')}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? { schema: toJsonSchema(schema, schemaType) } : undefined,
  });
  document.paths['/openapi.json'] = { get: { ...selfDescription('This document'), security: [] } };
  document.paths['/docs'] = { get: { ...selfDescription('This document, for people'), security: [] } };
  for (const path of ['/livez', '/readyz']) {
    const operation = document.paths[path]?.get;
    if (operation) operation.security = [];
  }
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      namePathParameters(path, operation);
      if (mutations.has(method)) operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
    }
  }
  for (const [route, operations] of Object.entries(plainOperations)) {
    const path = openApiPath(route);
    document.paths[path] = structuredClone(operations);
    for (const operation of Object.values(document.paths[path])) namePathParameters(path, operation);
  }
  return document;
}

const mutations = new Set(['post', 'patch', 'delete']);

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Names this request for 24 h: the same again gets the same answer and has no further effect.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

/** Guards read parts of the path too, which no handler names. */
function namePathParameters(
  path: string,
  operation: { parameters?: { name?: string; in?: string }[] },
): void {
  for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
    if (operation.parameters?.some((known) => known.in === 'path' && known.name === name)) continue;
    const parameter = { name: name ?? '', in: 'path', required: true, schema: { type: 'string' } };
    operation.parameters = [parameter, ...(operation.parameters ?? [])];
  }
}

function selfDescription(summary: string) {
  return { tags: ['operations'], summary, responses: { '200': { description: '' } } };
}
