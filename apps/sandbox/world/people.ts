import { Injectable } from '@nestjs/common';

/** How somebody answers when asked to allow a client something. */
export type Persona = 'approves' | 'denies' | 'never' | 'slow';

/** A user or a phone. */
export interface Person {
  /** A user name, or a number in E.164. */
  readonly id: string;
  readonly persona: Persona;
  /** How long a slow one takes. */
  readonly afterSeconds: number;
  /** For the password grant; absent: cannot sign in with one. */
  readonly password: string | undefined;
  /** Whether the phone is on a mobile network that takes part. */
  readonly supportedNetwork: boolean;
  /** Whether the phone can be verified over its carrier's network only, not over Wi-Fi. */
  readonly requiresCarrierNetwork: boolean;
}

const SLOW_SECONDS = 5;
const PASSWORD = 'sandbox-password';

/** Numbers from the range Ofcom keeps free for drama. */
const SEEDS: readonly Person[] = [
  user('ada', 'approves'),
  user('ada@example.com', 'approves'),
  user('dennis', 'denies'),
  user('nora', 'never'),
  user('sam', 'slow'),
  phone('+447700900001', 'approves'),
  phone('+447700900002', 'denies'),
  phone('+447700900003', 'never'),
  phone('+447700900004', 'slow'),
  { ...phone('+447700900005', 'approves'), requiresCarrierNetwork: true },
  { ...phone('+447700900404', 'approves'), supportedNetwork: false },
];

/** The people the sandbox knows: those of its front page, and those a test makes. */
@Injectable()
export class People {
  readonly #people = new Map<string, Person>();

  constructor() {
    this.reset();
  }

  /** One with the same id is replaced. */
  put(person: Person): void {
    this.#people.set(person.id, person);
  }

  find(id: string): Person | undefined {
    return this.#people.get(id);
  }

  /** The first user who answers like this. */
  firstUser(persona: string): Person | undefined {
    return this.users().find((person) => person.persona === persona);
  }

  users(): readonly Person[] {
    return this.list().filter(({ id }) => !id.startsWith('+'));
  }

  list(): readonly Person[] {
    return [...this.#people.values()];
  }

  remove(id: string): boolean {
    return this.#people.delete(id);
  }

  reset(): void {
    this.#people.clear();
    for (const person of SEEDS) this.put(person);
  }
}

function user(id: string, persona: Persona): Person {
  return { ...phone(id, persona), password: PASSWORD };
}

function phone(id: string, persona: Persona): Person {
  return {
    id,
    persona,
    afterSeconds: SLOW_SECONDS,
    password: undefined,
    supportedNetwork: true,
    requiresCarrierNetwork: false,
  };
}
