import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import type { Settings } from '#config';
import { RouteTable } from '../http/route-table.js';
import { problemSchema } from '../problem/problem.schemas.js';
import { oauthErrorSchema } from '../token/oauth2/token-endpoint.openapi.js';
import { completeOperation, type Operation } from './complete-operation.js';
import { type Parameters, parametersOf } from './parameters.js';
import { plainOperations } from './plain-operations.js';
import { problemResponses } from './problem-responses.js';
import { toJsonSchema } from './to-json-schema.js';

type Described = Operation & { parameters?: Parameters; security?: readonly object[] };
type Paths = Record<string, Record<string, Described>>;

/** Paths in OpenAPI's spelling: `{tenant}` where the router says `:tenant`. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

const description = `Keeps OAuth grants alive; one call returns a valid access token.

Another path than these is 404, another method 405 with \`Allow\`; both are in \`components.responses\`.`;

/** OpenAPI 3.1 of every route: those of Nest's controllers are read off, the others are added. */
export function openApiDocument(
  app: NestFastifyApplication,
  { docs }: Pick<Settings, 'docs'>,
): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Grantkeeper')
    .setDescription(description)
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
  const paths = document.paths as unknown as Paths;
  const forCallers = callersOnly(app.get(RouteTable));
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const needsCaller = forCallers.has(`${method} ${path}`);
      if (!needsCaller) operation.security ??= [];
      complete(path, method, operation, needsCaller, method !== 'get');
    }
  }
  for (const [route, operations] of Object.entries(plainOperations(docs))) {
    const path = openApiPath(route);
    const copy = structuredClone(operations) as Record<string, Described>;
    paths[path] = copy;
    for (const [method, operation] of Object.entries(copy)) {
      complete(path, method, operation, needsKey(operation), false);
    }
  }
  document.components = {
    ...document.components,
    schemas: {
      ...document.components?.schemas,
      Problem: toJsonSchema(problemSchema, 'output') as never,
      OAuthError: toJsonSchema(oauthErrorSchema, 'output') as never,
    },
    responses: problemResponses() as never,
  };
  return document;
}

/** As `get /v1/tenants/{tenant}`. */
function callersOnly(routes: RouteTable): ReadonlySet<string> {
  return new Set(
    routes
      .list()
      .flatMap(({ path, forCallers }) =>
        [...forCallers].map((method) => `${method.toLowerCase()} ${openApiPath(path)}`),
      ),
  );
}

/** Of a route beside Nest's, which says so itself; none of its ways in may be without a key. */
function needsKey({ security }: Described): boolean {
  return (
    security === undefined || (security.length > 0 && security.every((way) => Object.keys(way).length > 0))
  );
}

function complete(
  path: string,
  method: string,
  operation: Described,
  needsCaller: boolean,
  isIdempotent: boolean,
): void {
  operation.parameters = parametersOf(path, isIdempotent, operation.parameters);
  completeOperation(operation, { path, method, needsCaller, isIdempotent });
}
