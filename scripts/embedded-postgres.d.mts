/** For the tests, which are type-checked; what each part means is said in the module itself. */
export interface Postgres {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly adopted: boolean;
  stop(): Promise<void>;
}

export function startPostgres(options: {
  dataDir: string;
  fsync?: boolean;
  settings?: Record<string, string | number>;
}): Promise<Postgres>;
