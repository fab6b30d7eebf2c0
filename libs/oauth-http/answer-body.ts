type Json = Readonly<Record<string, unknown>>;

/** Members of which a form-encoded answer has at least one; other text with a `=` in it is no form. */
const tellingMember = /^(?:access_?token|refresh_?token|error)$/i;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body when it is a JSON object; whatever the content type says, for providers label JSON as text and HTML as JSON. */
export function parseObject(body: string): Json | undefined {
  const parsed = parseJson(body);
  return isObject(parsed) ? parsed : undefined;
}

/** The members of an answer of a token endpoint: JSON, or form-encoded as some older servers have it. */
export function parseAnswer(body: string): Json | undefined {
  return parseObject(body) ?? parseForm(body.trim());
}

function parseForm(text: string): Json | undefined {
  if (!/^[\w.-]+=/.test(text) || /[\s<>{}"]/.test(text)) return undefined;
  const members = Object.fromEntries(new URLSearchParams(text));
  return Object.keys(members).some((name) => tellingMember.test(name)) ? members : undefined;
}

/** The value at a dot path: own members only, and the items of a list by their number. */
export function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Json)[name];
  }
  return value;
}
