import { z } from 'zod';

const environmentSchema = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
  HOST: z.string().min(1).default('127.0.0.1'),
});

export interface SandboxSettings {
  readonly port: number;
  readonly host: string;
}

/** Throws one line that names each broken variable, but not what it holds. */
export function readSettings(environment: NodeJS.ProcessEnv): SandboxSettings {
  const read = environmentSchema.safeParse(environment);
  if (!read.success) {
    throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  }
  return { port: read.data.SANDBOX_PORT, host: read.data.HOST };
}
