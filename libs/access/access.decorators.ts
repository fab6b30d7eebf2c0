import { type ReflectableDecorator, Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Action } from './may.js';

const action = Reflector.createDecorator<Action>();
const needsCaller = RouteConfig({ needsCaller: true });

/**
 * The action that a route is for. A route with neither this nor `@Public` is refused to everybody. The server finds
 * out who is calling before it reads a body.
 */
export const Allow: ReflectableDecorator<Action> = Object.assign(
  (wanted?: Action) => {
    const decorate = (target: object, name?: string | symbol, method?: PropertyDescriptor): void => {
      const allow = action(wanted) as ClassDecorator & MethodDecorator;
      if (name !== undefined && method !== undefined) {
        allow(target, name, method);
        needsCaller(target, name, method);
        return;
      }
      allow(target as NewableFunction);
      // The server knows of routes, not of controllers.
      markRoutes((target as NewableFunction).prototype);
    };
    return Object.assign(decorate, { KEY: action.KEY });
  },
  { KEY: action.KEY },
);

function markRoutes(prototype: object): void {
  for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof method.value === 'function' && name !== 'constructor') needsCaller(prototype, name, method);
  }
}

/** An act that a session may do only shortly after its sign-in; a program with a key at any time. */
export const Sensitive = Reflector.createDecorator<true>();

/** A route that needs no key. */
export const Public = Reflector.createDecorator<true>();
