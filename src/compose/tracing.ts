import { type Config, ConfigError } from '../config.ts';
import type { Tracer } from '../telemetry/trace.ts';

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw new ConfigError(['OTEL_EXPORTER_OTLP_HEADERS: a value has a % that is no percent-encoding']);
  }
}

/** `name=value,name=value`, values percent-encoded, as the OpenTelemetry specification has it. Throws ConfigError. */
export function tracerHeaders({ OTEL_EXPORTER_OTLP_HEADERS: text = '' }: Config): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())];
    }),
  );
}

/** The library is loaded only where there is a collector. */
export async function createTracer(config: Config, version: string): Promise<Tracer | undefined> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const { otlpTracer } = await import('../telemetry/otlp-tracer.ts');
  return otlpTracer({
    endpoint,
    headers: tracerHeaders(config),
    serviceName: config.OTEL_SERVICE_NAME,
    version,
    ratio: Number(config.OTEL_TRACES_SAMPLER_ARG),
  });
}
