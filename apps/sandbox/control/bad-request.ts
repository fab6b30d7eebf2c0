import { BadRequestException, NotFoundException } from '@nestjs/common';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Names each member that is wrong and what is wrong with it. */
export function badRequest(issues: readonly Issue[]): BadRequestException {
  return new BadRequestException({
    error: 'invalid_request',
    issues: issues.map(({ path, message }) => ({
      path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
      message,
    })),
  });
}

export function notFound(): NotFoundException {
  return new NotFoundException({ error: 'not_found' });
}
