import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { People, type Person } from '../world/people.js';
import { notFound } from './bad-request.js';
import { name } from './common.schemas.js';

/** As long as a seeded slow persona takes. */
const SLOW_SECONDS = 5;

const personSchema = z.strictObject({
  id: name,
  persona: z.enum(['approves', 'denies', 'never', 'slow']),
  after_seconds: z.number().min(0).max(1e9).default(SLOW_SECONDS),
  password: name.optional(),
  supported_network: z.boolean().default(true),
  requires_carrier_network: z.boolean().default(false),
});
type PersonBody = z.output<typeof personSchema>;

/** Users and phones, and how they answer. */
@Controller('_control/people')
export class PeopleController {
  constructor(private readonly people: People) {}

  @Post()
  put(@Body({ schema: personSchema }) body: PersonBody) {
    const person: Person = {
      id: body.id,
      persona: body.persona,
      afterSeconds: body.after_seconds,
      password: body.password,
      supportedNetwork: body.supported_network,
      requiresCarrierNetwork: body.requires_carrier_network,
    };
    this.people.put(person);
    return view(person);
  }

  @Get()
  list() {
    return { items: this.people.list().map(view) };
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): void {
    if (!this.people.remove(id)) throw notFound();
  }
}

function view(person: Person) {
  return {
    id: person.id,
    persona: person.persona,
    after_seconds: person.afterSeconds,
    has_password: person.password !== undefined,
    supported_network: person.supportedNetwork,
    requires_carrier_network: person.requiresCarrierNetwork,
  };
}
