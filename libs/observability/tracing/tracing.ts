/**
 * All that a span may say. It is a closed list, so that no token, secret, code or address with a query gets in by
 * accident: spans leave the installation.
 */
export interface SpanAttributes {
  readonly 'http.request.method'?: string;
  /** The pattern of a path. */
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  /** Host of a provider. */
  readonly 'server.address'?: string;
  readonly 'grantkeeper.request_id'?: string;
  readonly 'grantkeeper.tenant_id'?: string;
  readonly 'grantkeeper.connection_id'?: string;
  readonly 'grantkeeper.generation'?: number;
  readonly 'grantkeeper.provider'?: string;
  /** How it ended, in a word of the code. */
  readonly 'grantkeeper.outcome'?: string;
}

export type NoteOnSpan = (attributes: SpanAttributes) => void;

/** The span of a request that is being answered. */
export interface RequestSpan {
  /** Spans of `work`, and of what it begins, are children of this one. */
  during<T>(work: () => T): T;
  /** @param status null where no answer was sent */
  end(attributes: SpanAttributes, status: number | null): void;
}

/** From when to when, as `performance.now()` has it. */
export interface SpanPeriod {
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

export interface SpanOptions {
  readonly isRequest?: boolean;
  /** Where it began before it was known that there would be one, as `performance.now()` has it. */
  readonly beganAtMs?: number | undefined;
}

/** Made by `otlp-tracing.ts`, which is loaded only where traces are wanted. */
export interface Tracing {
  inSpan<T>(
    name: string,
    attributes: SpanAttributes,
    work: (note: NoteOnSpan) => Promise<T>,
    options: SpanOptions,
  ): Promise<T>;
  /** One that has already ended, as a child of the one under way. */
  pastSpan(name: string, period: SpanPeriod): void;
  requestSpan(headers: RequestHeaders): RequestSpan;
  /** Of the span that is under way, as W3C Trace Context writes it. */
  traceparent(): string | undefined;
  stop(): Promise<void>;
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const state: { tracing?: Tracing | undefined } = {};

export function useTracing(tracing: Tracing | undefined): void {
  state.tracing = tracing;
}

const nothingToNote: NoteOnSpan = () => undefined;

/** Does `work`; where traces are wanted, as a span of the trace it belongs to. */
export function inSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: (note: NoteOnSpan) => Promise<T>,
  beganAtMs?: number,
): Promise<T> {
  return state.tracing ? state.tracing.inSpan(name, attributes, work, { beganAtMs }) : work(nothingToNote);
}

export function pastSpan(name: string, period: SpanPeriod): void {
  state.tracing?.pastSpan(name, period);
}

/** The same for a request that is sent to another system. */
export function inRequestSpan<T>(
  name: string,
  attributes: SpanAttributes,
  work: (note: NoteOnSpan) => Promise<T>,
): Promise<T> {
  return state.tracing
    ? state.tracing.inSpan(name, attributes, work, { isRequest: true })
    : work(nothingToNote);
}

/** Whether traces are wanted. */
export function isTraced(): boolean {
  return state.tracing !== undefined;
}

/** A child of the span that the caller names in `traceparent`; undefined where no traces are wanted. */
export function requestSpan(headers: RequestHeaders): RequestSpan | undefined {
  return state.tracing?.requestSpan(headers);
}

export function currentTraceparent(): string | undefined {
  return state.tracing?.traceparent();
}
