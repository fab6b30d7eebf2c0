import type { Problem } from '../api/problem';
import type { JsonSchema } from '../api/types';
import { SchemaField } from './schema-field';

/** All properties of a JSON Schema, or some of them. */
export function SchemaFields({
  schema,
  only = Object.keys(schema.properties ?? {}),
  within,
  texts,
  problem,
  onChange,
}: {
  readonly schema: JsonSchema;
  readonly only?: readonly string[];
  /** Where the object stands in the body, such as `settings.`; errors name it so. */
  readonly within: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly problem: Problem | undefined;
  readonly onChange: (texts: Record<string, string>) => void;
}) {
  return only.flatMap((name) => {
    const property = schema.properties?.[name];
    return property
      ? [
          <SchemaField
            key={name}
            name={name}
            schema={property}
            isRequired={schema.required?.includes(name) ?? false}
            value={texts[name] ?? ''}
            error={problem?.about(within + name)}
            onChange={(text) => onChange({ ...texts, [name]: text })}
          />,
        ]
      : [];
  });
}
