import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { required?: boolean; schema?: object }>>;
  readonly content?: Readonly<Record<string, { schema: object }>>;
}

export interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: object }[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: object }>> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

/** A request that has no route, or cannot be read before it has one, is refused by one of these. */
const withoutRoute = ['400', '404', '405', '408', '413', '414', '415', '431'];

/** Files of the pages at `/docs` and `/console` are described nowhere. */
const isAsset = (path: string) => /^\/(?:docs|console\/(?!session$))/.test(path) && path !== '/docs';

/** `/openapi.json` of an API, and whether an answer is one that it describes. */
export class Description {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: false });
  private readonly validators = new Map<object, ValidateFunction>();
  private readonly routes: readonly { path: string; pattern: RegExp; parameters: number }[];

  constructor(readonly document: OpenApi) {
    addFormats.default(this.ajv);
    this.ajv.addSchema(document, 'openapi', undefined, false);
    this.routes = Object.keys(document.paths)
      .map((path) => ({ path, pattern: patternOf(path), parameters: path.split('{').length }))
      .sort((a, b) => a.parameters - b.parameters);
  }

  /** @returns what is wrong with the answer; undefined where it is as described */
  flawOf(method: string, url: string, answer: Seen): string | undefined {
    const path = url.split(/[?#]/, 1)[0] ?? '';
    if (isAsset(path)) return undefined;
    const response = this.described(method.toLowerCase(), path, answer.status);
    const flaw = response ? this.differs(response, method, answer) : 'its status is not described';
    return (
      flaw && `${answer.status}, ${flaw}: ${method} ${url.slice(0, 300)}: ${answer.text.slice(0, 1_000)}`
    );
  }

  private described(method: string, path: string, status: number): Response | undefined {
    const route = this.routes.find(({ pattern }) => pattern.test(path))?.path ?? '';
    const operations = this.document.paths[route] ?? {};
    // A proxy asks with the method of the request that it asks about.
    const same = method === 'head' || route.endsWith('/forward_auth') ? operations['get'] : undefined;
    const { responses } = this.document.components;
    const operation = operations[method] ?? same;
    const found =
      operation?.responses[String(status)] ??
      (operations[method] ? undefined : this.unrouted(status, operation ? [405] : undefined));
    const name = found?.$ref?.split('/').at(-1);
    return name === undefined ? found : responses[name];
  }

  private unrouted(status: number, among: readonly number[] | undefined): Response | undefined {
    const isOne = among ? among.includes(status) : withoutRoute.includes(String(status));
    return isOne ? this.document.components.responses[`Problem${status}`] : undefined;
  }

  private differs({ headers = {}, content }: Response, method: string, answer: Seen): string | undefined {
    for (const [name, { required, schema }] of Object.entries(headers)) {
      const value = answer.headers.get(name);
      if (value === null) {
        if (required) return `without ${name}`;
      } else if (schema && !this.validator(schema)(typed(value, schema)))
        return `${name} is not as described`;
    }
    if (method === 'HEAD') return answer.text === '' ? undefined : 'with a body';
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';', 1);
    if (!content) return answer.text === '' ? undefined : 'with a body that is not described';
    const described = content[type.trim()];
    if (!described) return `its content type ${JSON.stringify(type)} is not described`;
    const validate = this.validator(described.schema);
    if (validate(type.endsWith('json') ? JSON.parse(answer.text) : answer.text)) return undefined;
    return this.ajv.errorsText(validate.errors);
  }

  /** Compiled once; references lead into the document. */
  private validator(schema: object): ValidateFunction {
    const known = this.validators.get(schema) ?? this.ajv.compile(absolute(schema));
    this.validators.set(schema, known);
    return known;
  }
}

/** The same schema, its references naming the document. */
function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/'));
}

function typed(value: string, schema: object): unknown {
  return 'type' in schema && schema.type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
}

function patternOf(path: string): RegExp {
  const literal = path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]*');
  // A proxy writes the path of the request after it.
  const more = path.endsWith('/forward_auth') ? '(?:/.*)?' : '';
  return new RegExp(`^${literal}${more}$`);
}
