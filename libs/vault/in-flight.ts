/** Work that must be finished before the process may end, and that nobody should start twice. */
export class InFlight<T> {
  private readonly running = new Map<string | symbol, Promise<T>>();

  get size(): number {
    return this.running.size;
  }

  /** Joins the work of that key when it is under way, starts it otherwise. */
  join(key: string | symbol, start: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (running) return running;
    const started = start().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }

  /** Resolves when nothing is under way any more. */
  async drained(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running.values());
  }
}
