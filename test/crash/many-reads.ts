import { Agent, request } from 'node:http';

export interface ReadAnswer {
  readonly status: number;
  readonly generation: unknown;
}

/** Sockets to each origin; the reads beyond them wait in this process. */
const socketsEach = 1_000;

/** Sends so many reads at once, in turns to each origin. Rejects when one of them is not answered at all. */
export async function manyReads(
  origins: readonly string[],
  path: string,
  key: string,
  reads: number,
): Promise<ReadAnswer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: socketsEach });
  try {
    return await Promise.all(
      Array.from({ length: reads }, (_, index) =>
        read(agent, `${origins[index % origins.length]}${path}`, key),
      ),
    );
  } finally {
    agent.destroy();
  }
}

function read(agent: Agent, url: string, key: string): Promise<ReadAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject).on('end', () => {
        resolve({ status: response.statusCode ?? 0, generation: JSON.parse(text).generation });
      });
    });
    sent.on('error', reject).end();
  });
}
