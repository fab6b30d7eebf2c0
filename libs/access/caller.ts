import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';

/** The tenant a call is about. */
export interface TenantRef {
  readonly id: string;
  readonly slug: string;
}

/** A request, with what the guards have found out about it. */
export interface CallerRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: Readonly<Record<string, string>>;
  user?: Principal;
  tenant?: TenantRef;
}

export function callerRequest(context: ExecutionContext): CallerRequest {
  return context.switchToHttp().getRequest<CallerRequest>();
}

/** The caller; only on routes with `@Allow`. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): Principal => {
  const { user } = callerRequest(context);
  if (!user) throw new Error('A public route has no caller.');
  return user;
});

/** The tenant named in the path; only on routes whose action is about things inside a tenant. */
export const CurrentTenant = createParamDecorator((_: undefined, context: ExecutionContext): TenantRef => {
  const { tenant } = callerRequest(context);
  if (!tenant) throw new Error('This route names no tenant.');
  return tenant;
});
