import type { ProviderError } from './types';

interface ProblemDocument {
  readonly title?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly provider_error?: ProviderError;
}

/** A refusal of the API (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** 0: no answer came. */
    readonly status: number,
    readonly document: ProblemDocument,
  ) {
    super(document.detail ?? document.title ?? 'The server could not be reached.');
  }

  /** The words about one field, such as `settings.region`. */
  about(field: string): string | undefined {
    const errors = this.document.errors ?? [];
    return errors.find((error) => error.field === field)?.message;
  }

  /** The words about all fields that a form does not show. */
  beyond(shown: readonly string[]): string[] {
    const errors = this.document.errors ?? [];
    return errors
      .filter(({ field }) => !shown.includes(field))
      .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  }

  /** The words of the provider itself. */
  get providerWords(): string | undefined {
    const { error, error_description, status } = this.document.provider_error ?? {};
    const words = [status, error, error_description].filter((word) => word !== undefined);
    return words.length > 0 ? words.join(' · ') : undefined;
  }
}

export function problemOf(error: unknown): Problem | undefined {
  if (error === null || error === undefined) return undefined;
  return error instanceof Problem ? error : new Problem(0, { detail: String(error) });
}
