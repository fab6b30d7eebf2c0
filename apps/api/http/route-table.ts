import { Injectable } from '@nestjs/common';
import type { RouteOptions } from 'fastify';

interface Route {
  readonly path: string;
  readonly methods: Set<string>;
  readonly pattern: RegExp;
}

/** Every path the server answers, with its methods: for 405, and to see that the OpenAPI document leaves none out. */
@Injectable()
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    if (url.includes('*')) return;
    const route = this.routes.get(url) ?? { path: url, methods: new Set(), pattern: patternOf(url) };
    for (const name of [method].flat()) route.methods.add(name);
    this.routes.set(url, route);
  }

  list(): readonly Pick<Route, 'path' | 'methods'>[] {
    return [...this.routes.values()];
  }

  /** Methods of a request's path; empty for a path nobody serves. */
  methodsOf(url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    const methods = new Set<string>();
    for (const route of this.routes.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
