import { type Loopback, serve } from '#testing';

/** A server's answer to a refresh, given the tokens it has just made. */
export type Body = (accessToken: string, refreshToken: string) => string;

export const readable: Body = (access_token, refresh_token) =>
  JSON.stringify({ access_token, refresh_token, token_type: 'Bearer', expires_in: 3_600 });

/** A token endpoint that takes its newest refresh token only, once, and ends the grant when it sees an older one. */
export class StrictServer {
  /** Refresh tokens, codes and passwords, as they came. */
  readonly presented: string[] = [];
  /** How the next answers look. */
  body: Body = readable;
  ended = false;
  private generation = 0;
  private loopback: Loopback | undefined;

  async start(): Promise<void> {
    this.loopback = await serve((request, response) => {
      let form = '';
      request.on('data', (chunk) => {
        form += chunk;
      });
      request.on('end', () => {
        const { status, body } = this.answer(new URLSearchParams(form));
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
  }

  get endpoint(): string {
    return `${this.loopback?.origin}/token`;
  }

  get newest(): string {
    return `rt${this.generation}`;
  }

  async close(): Promise<void> {
    await this.loopback?.close();
  }

  private answer(form: URLSearchParams): { status: number; body: string } {
    const refreshToken = form.get('refresh_token');
    this.presented.push(refreshToken ?? form.get('code') ?? form.get('password') ?? '');
    const isSpent = refreshToken !== null && refreshToken !== this.newest;
    if (isSpent || this.ended) {
      this.ended = true;
      return { status: 400, body: JSON.stringify({ error: 'invalid_grant' }) };
    }
    this.generation += 1;
    return { status: 200, body: this.body(`at${this.generation}`, this.newest) };
  }
}
