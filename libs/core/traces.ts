import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectSettings, type Settings } from '#config';
import { startTracing } from '#observability';

/** Spans of this process, from its start to its end. */
@Injectable()
export class Traces implements OnModuleInit, OnApplicationShutdown {
  private stop: () => Promise<void> = async () => undefined;

  constructor(@InjectSettings() private readonly settings: Settings) {}

  async onModuleInit(): Promise<void> {
    this.stop = await startTracing(this.settings.tracing);
  }

  /** Sends the last spans. Where the receiver does not answer, the end of the drain cuts it off. */
  onApplicationShutdown(): Promise<void> {
    return this.stop();
  }
}
