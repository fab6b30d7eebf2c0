import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface ReceivedMessage {
  readonly path: string;
  readonly id: string;
  /** Seconds since the epoch, as signed. */
  readonly timestamp: number;
  readonly type: string;
  /** `data` of the message. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  readonly body: string;
  /** Attempts that were under way when this one began, itself among them. */
  readonly atOnce: number;
}

/** The nth attempt (from 1) that came to a path; answers in its own time. */
export type Reaction = (response: ServerResponse, message: ReceivedMessage) => void | Promise<void>;

/** A receiver of webhooks, by real HTTP. Every path is a receiver of its own; unknown ones answer 204. */
export interface WebhookReceiver {
  readonly origin: string;
  /** The messages that came to a path, in the order in which they came. */
  received(path: string): readonly ReceivedMessage[];
  react(path: string, reaction: Reaction): void;
  /** Throws unless the library of the receivers finds the signature right, as it would have when the message was sent. */
  verify(message: ReceivedMessage, secret: string): void;
  close(): Promise<void>;
}

export const answer =
  (status: number, headers: Record<string, string> = {}): Reaction =>
  (response) => {
    response.writeHead(status, headers).end();
  };

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const messages: ReceivedMessage[] = [];
  const reactions = new Map<string, Reaction>();
  const underWay = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = request.url ?? '';
    const parsed = JSON.parse(body) as { type: string; data: Record<string, unknown> };
    const id = String(request.headers['webhook-id']);
    underWay.set(id, (underWay.get(id) ?? 0) + 1);
    response.on('close', () => underWay.set(id, (underWay.get(id) ?? 1) - 1));
    const message = {
      path,
      id,
      timestamp: Number(request.headers['webhook-timestamp']),
      type: parsed.type,
      data: parsed.data,
      headers: request.headers,
      body,
      atOnce: underWay.get(id) ?? 1,
    };
    messages.push(message);
    await (reactions.get(path) ?? answer(204))(response, message);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => messages.filter((message) => message.path === path),
    react: (path, reaction) => reactions.set(path, reaction),
    verify: ({ body, headers, timestamp }, secret) => {
      const now = Date.now;
      Date.now = () => timestamp * 1_000;
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
      } finally {
        Date.now = now;
      }
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
