import { ApiClient } from './api/api-client.js';
import { targetOf } from './api/profile.js';
import { usageError } from './cli.errors.js';
import type { Terminal } from './terminal.js';
import { safeJson } from './text/safe-text.js';
import { details, type Json, table } from './text/table.js';

/** Options of every command. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly profile?: string;
  readonly tenant?: string;
  readonly timeout?: string;
}

/** One run of one command. */
export class Session {
  private connected: ApiClient | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly options: GlobalOptions,
  ) {}

  /** Made when it is first needed: what a command refuses by itself needs neither address nor key. */
  get api(): ApiClient {
    const seconds = Number(this.options.timeout ?? 60);
    if (!(seconds > 0 && seconds <= 3_600)) throw usageError('--timeout takes seconds, from 1 to 3600.');
    this.connected ??= new ApiClient(targetOf(this.terminal, this.options.profile), seconds * 1_000);
    return this.connected;
  }

  get json(): boolean {
    return this.options.json === true;
  }

  get tenant(): string | undefined {
    return this.options.tenant ?? (this.terminal.env['GRANTKEEPER_TENANT'] || undefined);
  }

  /** The result: a document for programs, the text for people. */
  print(document: unknown, text: () => string): void {
    this.terminal.out(this.json ? `${safeJson(document)}\n` : text());
  }

  printDocument(document: Json): void {
    this.print(document, () => details(document));
  }

  printRows(document: unknown, rows: readonly Json[], columns: readonly string[]): void {
    this.print(document, () => table(rows, columns));
  }

  /** A remark beside the result. */
  note(text: string): void {
    this.terminal.err(`grantkeeper: ${text}\n`);
  }
}
