import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint that gives everybody a token for a day, after a moment. */
export class SimpleProvider {
  arrived = 0;
  mostAtOnce = 0;
  private atOnce = 0;

  private constructor(
    private readonly server: Server,
    private readonly answersInMs: number,
  ) {
    server.on('request', (request, response) => {
      this.arrived += 1;
      this.atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
      request.resume().on('end', () => {
        setTimeout(() => {
          this.atOnce -= 1;
          const { status, body } = this.answer(request.headers.authorization);
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        }, this.answersInMs);
      });
    });
  }

  static async start(answersInMs: number): Promise<SimpleProvider> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SimpleProvider(server, answersInMs);
  }

  /** May be replaced by a test. */
  answer: (authorization?: string) => { status: number; body: object } = () => ({
    status: 200,
    body: { access_token: `t${this.arrived}`, token_type: 'Bearer', expires_in: 86_400 },
  });

  get tokenEndpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/token`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
