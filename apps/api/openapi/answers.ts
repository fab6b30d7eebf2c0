import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/**
 * Documents a route: what it does, the status and body of its success, and what else it alone answers. The refusals
 * that follow from its path, its method and its caller are added to every route by `usual-problems.ts`.
 * @param schema absent where the answer has no body
 * @param more statuses: below 400 with the same body, from there on a problem
 */
export function Answers(
  status: number,
  summary: string,
  schema?: z.ZodType,
  ...more: readonly number[]
): MethodDecorator {
  const body = schema === undefined ? {} : { standardSchema: schema };
  return applyDecorators(
    ApiOperation({ summary }),
    ...[status, ...more].map((code) => ApiResponse({ status: code, ...(code < 400 ? body : {}) })),
  );
}
