import type { Terminal } from '../terminal.js';

const width = 30;
/** Erases the line; of our own, where somebody watches. */
const clearLine = '\r\u001b[K';

/** A bar on stderr, which is no part of the output. */
export class Progress {
  private done = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
  ) {}

  step(): void {
    this.done += 1;
    if (!this.terminal.isWatched) return;
    const filled = Math.round((this.done / this.total) * width);
    const bar = `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
    this.terminal.err(`${clearLine}[${bar}] ${this.done}/${this.total}`);
  }

  end(): void {
    if (this.terminal.isWatched) this.terminal.err(clearLine);
  }
}
