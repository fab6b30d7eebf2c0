import {
  context,
  DiagLogLevel,
  diag,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { release, type Settings } from '#config';
import { complaints } from './complaints.js';
import type {
  NoteOnSpan,
  RequestHeaders,
  RequestSpan,
  SpanAttributes,
  SpanOptions,
  SpanPeriod,
  Tracing,
} from './tracing.js';

/** Spans by OpenTelemetry, sent as OTLP over HTTP in batches. `OTEL_…` variables that its SDK knows are in force. */
export class OtlpTracing implements Tracing {
  private readonly provider: NodeTracerProvider;
  private readonly tracer: Tracer;

  constructor({ endpoint, headers }: NonNullable<Settings['tracing']>) {
    diag.setLogger(complaints, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers: { ...headers } });
    this.provider = new NodeTracerProvider({
      // The command line and the environment of the process stay here: only what the operator names is told.
      resource: defaultResource()
        .merge(resourceFromAttributes({ 'service.name': 'grantkeeper', 'service.version': release }))
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.provider.register();
    this.tracer = this.provider.getTracer('grantkeeper', release);
  }

  inSpan<T>(
    name: string,
    attributes: SpanAttributes,
    work: (note: NoteOnSpan) => Promise<T>,
    { isRequest = false, beganAtMs }: SpanOptions,
  ): Promise<T> {
    const kind = isRequest ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const since = beganAtMs === undefined ? {} : { startTime: beganAtMs };
    return this.tracer.startActiveSpan(
      name,
      { kind, attributes: { ...attributes }, ...since },
      async (span) => {
        try {
          return await work((more) => span.setAttributes({ ...more }));
        } catch (error) {
          fail(span, error);
          throw error;
        } finally {
          span.end();
        }
      },
    );
  }

  pastSpan(name: string, { beganAtMs, endedAtMs }: SpanPeriod): void {
    this.tracer.startSpan(name, { startTime: beganAtMs }).end(endedAtMs);
  }

  /** Of the caller only its place in the trace: `tracestate` and `baggage` may hold anything. */
  requestSpan({ traceparent }: RequestHeaders): RequestSpan {
    const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
    const span = this.tracer.startSpan('request', { kind: SpanKind.SERVER }, parent);
    return {
      during: (work) => context.with(trace.setSpan(parent, span), work),
      end: (attributes, status) => {
        const { 'http.request.method': method, 'http.route': route } = attributes;
        span.updateName([method, route].filter((part) => part !== undefined).join(' '));
        span.setAttributes({ ...attributes });
        if (status !== null) span.setAttribute('http.response.status_code', status);
        if (status === null || status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  traceparent(): string | undefined {
    const carrier: { traceparent?: string } = {};
    propagation.inject(context.active(), carrier);
    return carrier.traceparent;
  }

  async stop(): Promise<void> {
    await this.provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
    diag.disable();
  }
}

/** By its code or its name: the message of an error may say too much. */
function fail(span: Span, error: unknown): void {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const type = typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', type);
}
