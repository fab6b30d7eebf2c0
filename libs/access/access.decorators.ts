import { Reflector } from '@nestjs/core';
import type { Action } from './may.js';

/** What a route is for. A route with neither this nor `@Public` is refused to everybody. */
export const Allow = Reflector.createDecorator<Action>();

/** A route that needs no key. */
export const Public = Reflector.createDecorator<true>();
