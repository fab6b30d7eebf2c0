import { Injectable } from '@nestjs/common';
import type { RouteOptions } from 'fastify';

interface Route {
  readonly path: string;
  readonly methods: Set<string>;
  /** Those of the methods that the server asks for a caller before anything else. */
  readonly forCallers: Set<string>;
  readonly pattern: RegExp;
}

/** Every path the server answers, with its methods: for 405, and to see that the OpenAPI document leaves none out. */
@Injectable()
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  add({ url, method, config }: Pick<RouteOptions, 'url' | 'method' | 'config'>): void {
    if (url.includes('*')) return;
    const route = this.routes.get(url) ?? {
      path: url,
      methods: new Set(),
      forCallers: new Set(),
      pattern: patternOf(url),
    };
    const { needsCaller = false } = (config ?? {}) as { readonly needsCaller?: boolean };
    for (const name of [method].flat()) {
      route.methods.add(name);
      if (needsCaller) route.forCallers.add(name);
    }
    this.routes.set(url, route);
  }

  list(): readonly Pick<Route, 'path' | 'methods' | 'forCallers'>[] {
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
