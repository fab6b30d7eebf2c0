import { STATUS_CODES } from 'node:http';
import { type ProblemCode, problems } from '../problem/problems.js';
import { requestIdHeader } from './request-id-header.js';

const retryAfter = { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } };

const headers: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { required: true, schema: { const: 'Bearer' } } },
  405: { Allow: { required: true, description: 'The methods of this path.', schema: { type: 'string' } } },
  409: { 'Retry-After': { ...retryAfter, description: 'Seconds to wait, where that is known.' } },
  429: { 'Retry-After': { ...retryAfter, required: true } },
  503: { 'Retry-After': { ...retryAfter, required: true } },
};

/** Of a problem of one status: the codes it can have. */
export function problemResponse(status: number) {
  const codes = (Object.keys(problems) as ProblemCode[]).filter((code) => problems[code].status === status);
  return {
    description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    headers: {
      ...requestIdHeader,
      'Cache-Control': { required: true, schema: { const: 'no-store' } },
      ...headers[status],
    },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: { status: { const: status }, code: { enum: codes } },
        },
      },
    },
  };
}

/** By name, for `components.responses`: one for each status that a problem can have. */
export function problemResponses(): Record<string, ReturnType<typeof problemResponse>> {
  const statuses = new Set(Object.values(problems).map(({ status }) => status));
  return Object.fromEntries([...statuses].map((status) => [nameOf(status), problemResponse(status)]));
}

export function problemReference(status: number) {
  return { $ref: `#/components/responses/${nameOf(status)}` };
}

function nameOf(status: number): string {
  return `Problem${status}`;
}
