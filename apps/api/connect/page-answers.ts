import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { problemResponse } from '../openapi/problem-responses.js';
import type { Page } from './page.js';

const html = { 'text/html': { schema: { type: 'string' } } };
const retryAfter = { description: 'Seconds to wait.', required: true, schema: { type: 'integer' } } as const;

/** Documents a door for browsers: where it sends them on, and the pages that it shows. */
export function PageAnswers(
  summary: string,
  sentOn: { readonly description: string; readonly headers: Record<string, object> },
  pages: readonly Page[],
): MethodDecorator {
  const statuses = [...new Set(pages.map(({ status }) => status))];
  return applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({
      status: 204,
      description: 'Nothing was done: the browser only looks ahead, or asks by HEAD.',
    }),
    ApiResponse({ status: 303, ...sentOn } as never),
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: `A page: ${titles(pages, status)}.`,
        ...(status === 503 ? { headers: { 'Retry-After': retryAfter } } : {}),
        // Without a database there is no page either.
        content: status === 503 ? { ...html, ...problemResponse(status).content } : html,
      } as never),
    ),
  );
}

function titles(pages: readonly Page[], status: number): string {
  return [...new Set(pages.filter((page) => page.status === status).map(({ title }) => title))].join('; ');
}
