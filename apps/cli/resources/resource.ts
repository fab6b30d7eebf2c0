import type { Json } from '../text/table.js';
import type { Field } from './field.js';

/** One kind of thing of the API; every command about it is made from this. */
export interface Resource {
  /** The first word of its commands. */
  readonly name: string;
  readonly about: string;
  /** Behind `/v1` or `/v1/tenants/<tenant>`. */
  readonly path: string;
  /** Whether it is one of a tenant's, one of the platform's, or either as a tenant is named or not. */
  readonly owner: 'tenant' | 'platform' | 'either';
  /** The columns of its list. */
  readonly columns: readonly string[];
  readonly list?: Operation;
  readonly get?: Operation;
  readonly create?: Operation;
  readonly update?: Operation;
  readonly delete?: Operation;
  readonly verbs?: Readonly<Record<string, Verb>>;
}

export interface Operation {
  readonly about: string;
  /** Members of the body. */
  readonly fields?: readonly Field[];
  /** Members of the query. */
  readonly query?: readonly Field[];
  readonly examples?: readonly string[];
}

export interface Verb extends Operation {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** About one of them; otherwise about all of them. */
  readonly one: boolean;
  /** Behind the path of the resource and the id, unless it begins with `/v1` or with a path of the tenant. */
  readonly path: string;
  /** Whose path it stands behind. */
  readonly behind?: 'resource' | 'owner' | 'root';
  /** Sent besides what the options give. */
  readonly body?: Json;
  /** The columns, where the answer is a list. */
  readonly columns?: readonly string[];
  /** Called again until this member is 0. */
  readonly until?: string;
  /** Whether an answer with success says that it was refused. */
  readonly isRefusal?: (answer: Json) => boolean;
}
