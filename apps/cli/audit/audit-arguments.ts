import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Checkpoint } from '#vault';

export type AuditCommand =
  | { readonly verb: 'verify'; readonly from: readonly Checkpoint[]; readonly json: boolean }
  | { readonly verb: 'prune'; readonly before: Date; readonly json: boolean };

export class AuditUsageError extends Error {
  override readonly name = 'AuditUsageError';
}

const usage = 'audit verify [--from <checkpoint file>]… [--json], or audit prune --before <time> [--json]';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const checkpoint = z.object({ sequence: z.int().min(0), hash: hex, at: z.string(), mac: hex });
/** An answer of the API, or a line of the log. */
const kept = z.union([checkpoint, z.object({ checkpoint }).transform((line) => line.checkpoint)]);
const time = z.iso.datetime({ offset: true }).or(z.iso.date());

/** @throws AuditUsageError */
export function parseAuditCommand(args: readonly string[]): AuditCommand {
  const { verb, values } = parsed(args);
  const json = values.json ?? false;
  if (verb === 'verify' && values.before === undefined) {
    return { verb, from: (values.from ?? []).flatMap(checkpointsIn), json };
  }
  if (verb === 'prune' && values.from === undefined) {
    const before = time.safeParse(values.before);
    if (!before.success)
      throw new AuditUsageError('--before takes a time of RFC 3339, such as 2026-01-01T00:00:00Z.');
    return { verb, before: new Date(before.data), json };
  }
  throw new AuditUsageError(usage);
}

function parsed(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: 'string', multiple: true },
        before: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (positionals.length !== 1) throw new AuditUsageError(usage);
    return { verb: positionals[0], values };
  } catch (error) {
    throw error instanceof AuditUsageError ? error : new AuditUsageError(usage);
  }
}

/** One JSON document, or one a line. */
function checkpointsIn(path: string): Checkpoint[] {
  const text = readText(path);
  const documents = parsedJson(text) ?? text.split('\n').flatMap((line) => parsedJson(line.trim()) ?? [{}]);
  const read = z
    .array(kept)
    .min(1)
    .safeParse(text.trim() === '' ? [] : documents);
  if (!read.success) throw new AuditUsageError(`${path} holds no checkpoint {sequence, hash, at, mac}.`);
  return read.data;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new AuditUsageError(`${path} cannot be read.`);
  }
}

function parsedJson(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return undefined;
  }
}
