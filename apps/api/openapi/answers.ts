import { applyDecorators } from '@nestjs/common';
import { ApiDefaultResponse, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problemSchema } from '../problem/problem.schemas.js';

/**
 * Documents a route: what it does, the status and body of its success, and that everything else is a problem.
 * @param schema absent where the answer has no body
 */
export function Answers(status: number, summary: string, schema?: z.ZodType): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status, ...(schema === undefined ? {} : { standardSchema: schema }) }),
    ApiDefaultResponse({ description: 'A problem document.', standardSchema: problemSchema }),
  );
}
