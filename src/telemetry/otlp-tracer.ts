import {
  type Context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Attributes, Span, Tracer } from './trace.ts';

export interface OtlpOptions {
  /** The collector's base URL; `/v1/traces` is added. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  version: string;
  /** Share of the traces that begin here, 0 to 1; a trace that was begun elsewhere goes on as it was begun. */
  ratio: number;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const EXPORT_TIMEOUT_MS = 10_000;
/** What a collector that is away may cost the end of the service. */
const CLOSE_MS = 3000;

/** The caller's trace; a header that is none, or holds only zeros, begins a new one. */
function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags!, 16) & 1,
    isRemote: true,
  });
}

function spanOf(tracer: OtelTracer, span: OtelSpan, context: Context): Span {
  const inner = trace.setSpan(context, span);
  let isOver = false;
  return {
    traceId: span.spanContext().traceId,
    child: (name, attributes = {}) =>
      spanOf(tracer, tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes }, inner), inner),
    set: (attributes: Attributes) => void span.setAttributes(attributes),
    end(fault) {
      if (isOver) return;
      isOver = true;
      if (fault !== undefined) {
        span.setAttribute('error.type', fault);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** Sends traces to an OpenTelemetry collector by OTLP over HTTP, in batches; a collector that is away loses them and nothing else. */
export function otlpTracer({ endpoint, headers, serviceName, version, ratio }: OtlpOptions): Tracer {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('reporting-api', version);
  return {
    start(name, kind, traceparent, attributes) {
      const context = contextOf(traceparent);
      const made = tracer.startSpan(
        name,
        { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL, attributes },
        context,
      );
      return spanOf(tracer, made, context);
    },
    close: () => Promise.race([provider.shutdown(), Bun.sleep(CLOSE_MS)]),
  };
}
