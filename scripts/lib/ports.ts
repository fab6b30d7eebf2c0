import { createServer, type Server } from 'node:net';
import { codeOf, UserError } from './user-error.mjs';

/**
 * Finds out before anything else is started whether every listener can have its port, and picks one where any
 * will do. All are held at once, so that two settings of the same number are found too.
 *
 * @param hosts by the name of the setting
 */
export async function settlePorts<Name extends string>(
  wanted: Record<Name, number>,
  hosts: Record<Name, string>,
): Promise<Record<Name, number>> {
  const held: Server[] = [];
  const settled = { ...wanted };
  try {
    for (const name in wanted) {
      const server = await hold(name, wanted[name], hosts[name]);
      held.push(server);
      const address = server.address();
      if (address !== null && typeof address === 'object') settled[name] = address.port;
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return settled;
}

function hold(name: string, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(new UserError(explain(name, port, host, codeOf(error)))));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function explain(name: string, port: number, host: string, code: string | undefined): string {
  if (code === 'EADDRINUSE')
    return `${name}: port ${port} on ${host} is in use; set ${name} to another one (0: any)`;
  return `${name}: port ${port} on ${host} cannot be opened (${code}); set ${name} to another one, or check HOST`;
}
