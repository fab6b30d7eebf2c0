const maxOutputLength = 200;
const maxInputLength = 4_096;
const mark = '[redacted]';

/**
 * Makes the provider's words fit for logs, answers and the database: without the literals given (client id and
 * secret, also url- and base64-encoded), without anything that looks like a token, without control characters, at
 * most 200 characters. Rather too much goes than too little.
 */
export function redactProviderWords(text: string, literals: readonly string[]): string {
  let clean = bounded(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  clean = withoutLiterals(clean, literals);
  clean = clean
    .replace(/\b(bearer|basic|token|secret|password)(\s*[:=]\s*|\s+["'])[^\s"',;]+/gi, `$1$2${mark}`)
    .replace(/\b(bearer|basic)\s+(?!token\b|auth)[^\s"',;]+/gi, `$1 ${mark}`)
    .replace(/[\w+/=.~-]{16,}/g, (run) => (looksOpaque(run) ? mark : run));
  return clean.replace(/\s+/g, ' ').trim().slice(0, maxOutputLength);
}

/** Words joined by `-`, `_`, `.` or `/` are prose or error codes; a digit, mixed case or an endless word is not. */
function looksOpaque(run: string): boolean {
  return /\d/.test(run) || /[a-z][A-Z]/.test(run) || /[A-Za-z]{25,}/.test(run);
}

/** A cut in the middle of a token could leave a part too short to be recognised: drop what touches the cut. */
function bounded(text: string): string {
  if (text.length <= maxInputLength) return text;
  let end = maxInputLength;
  while (end > 0 && !/\s/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The longest first, and all in one pass: a mark is never looked into, so that it cannot multiply. */
function withoutLiterals(text: string, literals: readonly string[]): string {
  const all = literals.flatMap(spellings).sort((a, b) => b.length - a.length);
  if (all.length === 0) return text;
  return text.replace(new RegExp(all.map((literal) => RegExp.escape(literal)).join('|'), 'g'), mark);
}

function spellings(literal: string): string[] {
  if (literal === '') return [];
  const form = new URLSearchParams([['', literal]]).toString().slice(1);
  return [literal, form, encodeURIComponent(literal), Buffer.from(literal).toString('base64')];
}
