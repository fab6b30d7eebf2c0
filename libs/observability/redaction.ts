const redacted = '[redacted]';
const maxDepth = 6;

/** Names whose values never reach a log, in whatever case they come: `client_secret`, `accessToken`, `set-cookie`. */
const secretName =
  /(?:^|_)(?:authorization|cookie|secret|secrets|password|passphrase|private_key|api_key|key|token|assertion|credentials|headers|body|query|parameters)$/;

/** A copy fit for a log: the values of secret names are cut out at any depth, errors shrink to what tells a cause. */
export function redactLogFields(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return redacted;
  if (Array.isArray(value)) return value.map((item) => redactLogFields(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(snakeCase(name)) ? redacted : redactLogFields(inner, depth + 1),
    ]),
  );
}

/** Only these of an error's properties: others may carry a query, its parameters, or a whole request. */
export function describeError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
