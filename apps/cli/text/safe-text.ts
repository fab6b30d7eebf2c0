/**
 * Control characters and those that turn the direction of text: a name from a server or a provider must not move the
 * cursor, change the title of a window or show other words than there are.
 */
const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Words of others for a terminal, on one line. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) =>
    character === '\n' || character === '\t'
      ? ' '
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function hasUnsafe(text: string): boolean {
  return text.search(unsafe) >= 0;
}

/** JSON leaves DEL, the controls above it and the turning characters as they are. */
export function safeJson(document: unknown, indent = 2): string {
  return JSON.stringify(document, null, indent).replace(unsafe, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
