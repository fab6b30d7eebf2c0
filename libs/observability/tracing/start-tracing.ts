import type { Settings } from '#config';
import { useTracing } from './tracing.js';

/** Begins to send spans, where the settings say where to; nothing of OpenTelemetry is loaded otherwise. */
export async function startTracing(settings: Settings['tracing']): Promise<() => Promise<void>> {
  if (settings === undefined) return async () => undefined;
  const { OtlpTracing } = await import('./otlp-tracing.js');
  const tracing = new OtlpTracing(settings);
  useTracing(tracing);
  return async () => {
    useTracing(undefined);
    await tracing.stop();
  };
}
