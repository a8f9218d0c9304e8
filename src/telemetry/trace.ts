export type SpanKind = 'server' | 'internal';
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work with its beginning and end. */
export interface Span {
  /** For logs: the id of the whole trace, in hexadecimal. */
  readonly traceId: string;
  /** A piece of work within this one. */
  child(name: string, attributes?: Attributes): Span;
  set(attributes: Attributes): void;
  /** Ends it; with a code of an error it failed. Later calls do nothing. */
  end(fault?: string): void;
}

/** Where traces begin. There is none where tracing is off: callers keep to `tracer?.start(…)`. */
export interface Tracer {
  /** `traceparent` is the header of that name (W3C Trace Context), by which the caller's trace goes on. */
  start(name: string, kind: SpanKind, traceparent: string | null, attributes: Attributes): Span;
  /** Sends what is left. */
  close(): Promise<void>;
}
