import { createServer } from 'node:net';
import { codeOf, UserError } from '../lib/user-error.mjs';

/**
 * Finds out before anything else is started whether every listener can have its port, and picks one where any
 * will do. All are held at once, so that two settings of the same number are found too.
 *
 * @template {string} Name
 * @param {Record<Name, { port: number, host: string }>} wanted by the name of the setting
 * @returns {Promise<Record<Name, number>>}
 */
export async function settlePorts(wanted) {
  /** @type {import('node:net').Server[]} */
  const held = [];
  const settled = /** @type {Record<Name, number>} */ ({});
  try {
    for (const name of /** @type {Name[]} */ (Object.keys(wanted))) {
      const server = await hold(name, wanted[name]);
      held.push(server);
      const address = server.address();
      settled[name] = address !== null && typeof address === 'object' ? address.port : wanted[name].port;
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return settled;
}

/**
 * @param {string} name
 * @param {{ port: number, host: string }} listener
 * @returns {Promise<import('node:net').Server>}
 */
function hold(name, { port, host }) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(new UserError(explain(name, port, host, codeOf(error)))));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/**
 * @param {string} name
 * @param {number} port
 * @param {string} host
 * @param {string | undefined} code
 */
function explain(name, port, host, code) {
  if (code === 'EADDRINUSE')
    return `${name}: port ${port} on ${host} is in use; set ${name} to another one (0: any)`;
  if (code === 'EACCES')
    return `${name}: port ${port} may not be opened by this user; set ${name} to another one`;
  return `${name}: port ${port} on ${host} cannot be opened (${code}); check HOST`;
}
