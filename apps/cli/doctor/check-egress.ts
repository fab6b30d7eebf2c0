import { lookup } from 'node:dns/promises';
import net from 'node:net';
import tls from 'node:tls';
import { CliError } from '../cli.errors.js';
import type { Session } from '../session.js';
import { type Finding, ok, skipped } from './finding.js';
import { providerOrigins } from './provider-hosts.js';

const timeoutMs = 5_000;

/**
 * The name and a TLS handshake of each provider in use; nothing is sent.
 * @param isProduct whether this machine has the settings of the product: elsewhere a failure proves little
 */
export async function checkEgress(session: Session, isProduct: boolean): Promise<Finding[]> {
  const { env } = session.terminal;
  try {
    const origins = await providerOrigins(session.api, env['GRANTKEEPER_PROVIDER_ENDPOINTS']);
    if (origins.size === 0) return [skipped('egress', 'No client credentials name a provider yet.')];
    return await Promise.all([...origins].map((origin) => reach(origin, isProduct ? 'failed' : 'warning')));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [skipped('egress', `The providers in use cannot be listed: ${error.message}`)];
  }
}

async function reach(origin: string, severity: 'failed' | 'warning'): Promise<Finding> {
  const { hostname, port, protocol } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const check = `egress to ${origin}`;
  try {
    await lookup(host);
  } catch {
    const remedy = 'Check the name server of this machine, and the setting that names the host.';
    return { check, result: severity, detail: 'The name is not known from here.', remedy };
  }
  try {
    const detail =
      protocol === 'https:'
        ? await handshake(host, Number(port || 443))
        : await connect(host, Number(port || 80));
    return ok(check, detail);
  } catch (error) {
    const remedy =
      'Let api and worker out to it: firewall, NetworkPolicy, proxy; for a certificate see NODE_EXTRA_CA_CERTS.';
    return { check, result: severity, detail: `${(error as Error).message || 'no answer'}.`, remedy };
  }
}

function handshake(host: string, port: number): Promise<string> {
  const socket = tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }) });
  return ended(socket, 'secureConnect', () => {
    const { valid_to } = socket.getPeerCertificate();
    return `${socket.getProtocol() ?? 'TLS'}, certificate good until ${valid_to}.`;
  });
}

function connect(host: string, port: number): Promise<string> {
  return ended(net.connect({ host, port }), 'connect', () => 'It can be connected to.');
}

function ended(
  socket: net.Socket,
  event: 'connect' | 'secureConnect',
  detail: () => string,
): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs / 1_000} seconds`)));
    socket.once('error', reject);
    socket.once(event, () => resolve(detail()));
  }).finally(() => socket.destroy());
}
