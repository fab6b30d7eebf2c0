import { SchedulerRegistry } from '@nestjs/schedule';

/** One piece of work done again and again, with as long a sleep in between as it asks for. Turns never overlap. */
export class Turns {
  private stopped = false;
  private turn: Promise<void> = Promise.resolve();

  /**
   * @param takeTurn resolves with the milliseconds to sleep; handles its own errors
   */
  constructor(
    private readonly schedule: SchedulerRegistry,
    private readonly name: string,
    private readonly takeTurn: () => Promise<number>,
  ) {}

  /** @param delayMs before the first turn */
  start(delayMs = 0): void {
    if (this.stopped) return;
    const timeout = setTimeout(() => {
      this.schedule.deleteTimeout(this.name);
      this.turn = this.takeTurn().then((nextMs) => this.start(nextMs));
    }, delayMs);
    this.schedule.addTimeout(this.name, timeout);
  }

  /** Resolves when the turn that is being taken has ended; there is none after it. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.schedule.doesExist('timeout', this.name)) this.schedule.deleteTimeout(this.name);
    await this.turn;
  }
}
