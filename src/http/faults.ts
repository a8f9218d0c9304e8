import { ValidationError } from 'elysia';
import { AppError } from '../base/errors.ts';
import { pointer } from '../base/pointer.ts';

interface Finding {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

const PLACES: Record<string, string> = {
  body: 'body',
  query: 'query',
  params: 'path',
  headers: 'header',
  cookie: 'cookie',
};
const PLACE_NAMES: Record<string, string> = {
  query: 'The query parameter',
  path: 'The path parameter',
  header: 'The header',
  cookie: 'The cookie',
};

function findingsOf(error: ValidationError): readonly Finding[] {
  const holder = error.validator as {
    '~standard'?: StandardValidator;
    schema?: { '~standard'?: StandardValidator };
  };
  const standard = holder['~standard'] ?? holder.schema?.['~standard'];
  return standard?.validate(error.value).issues ?? [{ message: 'is not valid' }];
}

interface StandardValidator {
  validate(value: unknown): { issues?: readonly Finding[] };
}

function pointerOf({ path = [] }: Finding): string {
  return pointer(...path.map((part) => String(typeof part === 'object' ? part.key : part)));
}

function subject(place: string, at: string): string {
  if (place === 'body') return at || 'the body';
  const [, name] = at.split('/');
  return name === undefined ? `The ${place}` : `${PLACE_NAMES[place]} ${name}`;
}

function validationFault(error: ValidationError): AppError {
  const place = PLACES[error.type] ?? 'body';
  if (place === 'body' && error.value === undefined)
    return new AppError('request.parse', 'The body is empty; this endpoint takes JSON');
  const errors = findingsOf(error).map((finding) => ({
    pointer: pointerOf(finding),
    message: finding.message,
  }));
  const first = errors[0] ?? { pointer: '', message: 'is not valid' };
  return new AppError('request.invalid', `${subject(place, first.pointer)} ${first.message}`, {
    pointer: first.pointer,
    params: { in: place, errors },
  });
}

/** Whatever a request's handling threw, as the AppError that the client is told; `cause` keeps the rest for the log. */
export function faultOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof ValidationError && error.type !== 'response') return validationFault(error);
  const { code, cause } = (typeof error === 'object' && error ? error : {}) as {
    code?: unknown;
    cause?: unknown;
  };
  if (cause instanceof AppError) return cause;
  if (code === 'NOT_FOUND') return new AppError('route.notFound', 'There is no such endpoint');
  if (code === 'PARSE') return new AppError('request.parse', 'The body could not be read', { cause: error });
  return new AppError('internal', 'An unexpected error occurred; the request id finds it in the log', {
    cause: error ?? new Error(`thrown: ${String(error)}`),
  });
}
