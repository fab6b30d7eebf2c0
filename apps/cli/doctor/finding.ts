export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** Of everything but `ok`: what to do. */
  readonly remedy?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, result: 'ok', detail });

export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'warning',
  detail,
  remedy,
});

export const failed = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'failed',
  detail,
  remedy,
});

export const skipped = (check: string, detail: string): Finding => ({ check, result: 'skipped', detail });
