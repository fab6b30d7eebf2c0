import type { ProblemDocument } from '../cli.errors.js';
import { safeText } from './safe-text.js';

/** A problem in sentences: what happened, which fields are at fault, and what to do. */
export function problemText(problem: ProblemDocument): string {
  const { title, detail, remedy } = problem;
  const lines = [
    sentence(detail ?? title),
    ...fieldLines(problem['errors']),
    ...providerLines(problem['provider_error']),
  ];
  return [...lines, ...(remedy === undefined ? [] : [sentence(remedy)])].map(safeText).join('\n  ');
}

function fieldLines(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: { field?: unknown; message?: unknown }) =>
    sentence(`${String(error.field)}: ${String(error.message)}`),
  );
}

function providerLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const words = Object.values(error).filter((word) => word !== null);
  return [sentence(`The provider said: ${words.join(' ')}`)];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
