import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { FormBody } from '../oauth/form-body.js';
import type { Client, Desk } from './desk.js';

/** A request as an issuer sees it. */
export interface ProviderRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** `http://host:port` as the client wrote it. */
  readonly origin: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as text, exactly as sent. */
  readonly body: string;
  /** The body read as a form; absent when its content type is another. */
  readonly form: FormBody | undefined;
}

export interface ProviderReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `token` requests are the ones whose answers may be tokens; `resource` is what a token opens; `page` is for
 * browsers; `other` is everything else a provider's clients ask it.
 */
export type RouteKind = 'token' | 'resource' | 'page' | 'other';

export interface IssuerRoute {
  readonly kind: RouteKind;
  readonly method: 'GET' | 'POST';
  /** In Fastify's syntax; unique over all issuers, since they share one origin. */
  readonly path: string;
  /** One line for the front page. */
  readonly summary: string;
  handle(request: ProviderRequest, desk: Desk): ProviderReply;
}

/** An answer the vendor gives for reasons of its own; a rule asks for it by name. */
export interface CannedReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One simulated provider: all the sandbox and its front page know about it. */
export interface Issuer {
  readonly id: string;
  readonly title: string;
  /** Which vendor page it follows. */
  readonly source: string;
  /** Its differences from a textbook OAuth server, one line each; assumptions are marked as such. */
  readonly quirks: readonly string[];
  /** The ones of the vendor page, or made up where it has none. */
  readonly seededClients: readonly Omit<Client, 'provider'>[];
  /** Deviations it can be switched to, each with a default and a description. */
  readonly switches: z.ZodObject;
  readonly routes: readonly IssuerRoute[];
  readonly cannedReplies: Readonly<Record<string, CannedReply>>;
  /** A `curl` command line that works at once, after `curl `; `{origin}` stands for this sandbox. */
  readonly example: string;
  /** Who the request says it comes from, believed or not. */
  identify(request: ProviderRequest): string | undefined;
}
