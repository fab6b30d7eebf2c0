import { applyDecorators } from '@nestjs/common';
import { type ReflectableDecorator, Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Action } from './may.js';

const action = Reflector.createDecorator<Action>();

/**
 * The action that a route is for. A route with neither this nor `@Public` is refused to everybody. The server finds
 * out who is calling before it reads a body.
 */
export const Allow: ReflectableDecorator<Action> = Object.assign(
  (wanted?: Action) =>
    Object.assign(applyDecorators(action(wanted), RouteConfig({ needsCaller: true })), { KEY: action.KEY }),
  { KEY: action.KEY },
);

/** A route that needs no key. */
export const Public = Reflector.createDecorator<true>();
