/** JSON Schema, as far as answers of the API use it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly description?: string;
}

/** One exported interface of TypeScript. */
export function interfaceOf(name: string, schema: Schema): string {
  const comment = schema.description === undefined ? '' : `/** ${schema.description} */\n`;
  return `${comment}export interface ${name} ${membersOf(schema)}`;
}

function membersOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).flatMap(([name, member]) => [
    ...(member.description === undefined ? [] : [`/** ${member.description} */`]),
    required.includes(name) ? `${name}: ${typeOf(member)};` : `${name}?: ${typeOf(member)} | undefined;`,
  ]);
  if (additionalProperties !== false) members.push(`[member: string]: ${restOf(additionalProperties)};`);
  return `{\n${members.join('\n')}\n}`;
}

function restOf(schema: boolean | Schema | undefined): string {
  return typeof schema === 'object' && Object.keys(schema).length > 0 ? typeOf(schema) : 'unknown';
}

function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => literal(value)).join(' | ');
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  const types = [schema.type ?? 'unknown'].flat();
  return types.map((type) => named(type, schema)).join(' | ');
}

function named(type: string, schema: Schema): string {
  if (type === 'integer') return 'number';
  if (type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (type !== 'object') return type;
  return schema.properties
    ? membersOf(schema)
    : `Readonly<Record<string, ${restOf(schema.additionalProperties)}>>`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
