import './heap-limits.js';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SETTINGS, type Settings } from '#config';
import { ApplicationLogger, logReady, runApplication } from '#observability';
import { WorkerModule } from './worker.module.js';

await runApplication(async () => {
  const app = await NestFactory.create<NestFastifyApplication>(WorkerModule, new FastifyAdapter(), {
    logger: new ApplicationLogger(),
    abortOnError: false,
  });
  const settings = app.get<Settings>(SETTINGS);
  await app.listen(settings.workerPort, settings.host);
  logReady();
  return app;
});
