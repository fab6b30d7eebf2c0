import { Description, type OpenApi } from './description.js';
import { type Client, clientOf } from './http.js';

/** One for the process: every API in it is the same. */
let description: Promise<Description> | undefined;

export function descriptionAt(origin: string): Promise<Description> {
  description ??= fetch(`${origin}/openapi.json`)
    .then((response) => response.json())
    .then((document) => new Description(document as OpenApi));
  return description;
}

/** A client of one API with one key, to which every answer that `/openapi.json` does not describe is an error. */
export function apiClientOf(origin: string, key?: string): Client {
  const client = clientOf(origin, key);
  return async (method, path, body, headers) => {
    const answer = await client(method, path, body, headers);
    const flaw = (await descriptionAt(origin)).flawOf(method, path, answer);
    if (flaw !== undefined) throw new Error(`Not as /openapi.json has it: ${flaw}`);
    return answer;
  };
}
