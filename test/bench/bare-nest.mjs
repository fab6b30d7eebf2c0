import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EntitySchema } from 'typeorm';

/**
 * An application of Nest and TypeORM that does nothing: one entity, one route. It connects, listens and says that it is
 * ready, started as the product is: by plain Node, on JavaScript that needs no compiler.
 */
const [url, port] = process.argv.slice(2);
const things = new EntitySchema({ name: 'things', columns: { id: { type: 'int', primary: true } } });

class Ready {
  answer() {
    return { status: 'ready' };
  }
}
Controller()(Ready);
Get('readyz')(Ready.prototype, 'answer', Object.getOwnPropertyDescriptor(Ready.prototype, 'answer') ?? {});

class App {}
Module({
  imports: [TypeOrmModule.forRoot({ type: 'postgres', url, entities: [things] })],
  controllers: [Ready],
})(App);

const app = await NestFactory.create(App, new FastifyAdapter(), { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(Number(port), '127.0.0.1');
