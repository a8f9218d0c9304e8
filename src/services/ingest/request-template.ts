import { AppError } from '../../base/errors.ts';
import { pointer } from '../../base/pointer.ts';
import type { HttpBody, HttpRequestSpec } from '../../domain/http-source.ts';
import {
  fillJson,
  fillTemplate,
  parseTemplate,
  type Template,
  type TemplateValues,
} from '../../domain/template.ts';

/** A request before authentication and paging. */
export interface BuiltRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  /** Fields of a JSON or form body, or a text. */
  body: { json: unknown } | { form: Record<string, string> } | { text: string } | undefined;
}

/** Headers that belong to the connection, or to `auth`, where secrets are sealed. */
const OWN_HEADERS =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|te|trailer|upgrade|expect|accept-encoding|proxy-.*)$/i;

const invalid = (at: string, says: string) =>
  new AppError('request.invalid', `${at} ${says}`, { pointer: at });

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type FilledJson = (values: TemplateValues) => unknown;

function jsonTemplate(value: Json, at: string): FilledJson {
  if (typeof value === 'string') {
    const template = parseTemplate(value, at);
    return (values) => fillJson(template, values);
  }
  if (Array.isArray(value)) {
    const items = value.map((item, i) => jsonTemplate(item, at + pointer(i)));
    return (values) => items.map((item) => item(values));
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value as Record<string, Json>).map(
      ([name, inner]) => [name, jsonTemplate(inner, at + pointer(name))] as const,
    );
    return (values) => Object.fromEntries(members.map(([name, inner]) => [name, inner(values)]));
  }
  return () => value;
}

type Fill = (template: Template, values: TemplateValues) => string;
const fill: Fill = (template, values) => fillTemplate(template, values);

function bodyTemplate(
  body: HttpBody | undefined,
  at: string,
): (values: TemplateValues) => BuiltRequest['body'] {
  if (!body) return () => undefined;
  if ('json' in body) {
    const json = jsonTemplate(body.json as Json, `${at}/json`);
    return (values) => ({ json: json(values) });
  }
  if ('form' in body) {
    const fields = Object.entries(body.form).map(
      ([name, text]) => [name, parseTemplate(text, `${at}/form${pointer(name)}`)] as const,
    );
    return (values) => ({
      form: Object.fromEntries(fields.map(([name, text]) => [name, fill(text, values)])),
    });
  }
  const text = parseTemplate(body.text, `${at}/text`);
  return (values) => ({ text: fill(text, values) });
}

const contentTypeOf = (body: HttpBody | undefined): Record<string, string> => {
  if (!body) return {};
  if ('json' in body) return { 'content-type': 'application/json' };
  if ('form' in body) return { 'content-type': 'application/x-www-form-urlencoded' };
  return { 'content-type': body.contentType ?? 'text/plain; charset=utf-8' };
};

/** The host of a request must be known before any run. */
function urlTemplate(text: string, at: string): Template {
  const origin = /^https?:\/\/[^/?#]+/i.exec(text)?.[0];
  if (!origin || origin.includes('{{') || !URL.canParse(origin))
    throw invalid(at, 'must begin with http:// or https:// and a host without placeholders');
  if (origin.includes('@')) throw invalid(at, 'must not hold a user or password; they are given in auth');
  return parseTemplate(text, at);
}

function headerTemplates(headers: Record<string, string>, at: string): (readonly [string, Template])[] {
  return Object.entries(headers).map(([name, text]) => {
    const where = `${at}${pointer(name)}`;
    if (OWN_HEADERS.test(name)) throw invalid(where, 'is a header that the service sets itself');
    if (/^authorization$/i.test(name)) throw invalid(where, 'is given in auth, with its secret by name');
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw invalid(where, 'is no name of a header');
    return [name.toLowerCase(), parseTemplate(text, where)];
  });
}

/** Checks a request once and gives what builds it from a run's values. Throws AppError `request.invalid`, and when built `source.template`. */
export function requestTemplate(spec: HttpRequestSpec, at: string): (values: TemplateValues) => BuiltRequest {
  const url = urlTemplate(spec.url, `${at}/url`);
  const headers = headerTemplates(spec.headers ?? {}, `${at}/headers`);
  const query = Object.entries(spec.query ?? {}).flatMap(([name, texts]) =>
    [texts].flat().map((text) => [name, parseTemplate(text, `${at}/query${pointer(name)}`)] as const),
  );
  const body = bodyTemplate(spec.body, `${at}/body`);
  const method = spec.method ?? 'GET';
  if (method === 'GET' && spec.body) throw invalid(`${at}/body`, 'goes with the method POST');
  return (values) => {
    const filled = fillTemplate(url, values, encodeURIComponent);
    if (!URL.canParse(filled)) throw invalid(`${at}/url`, 'cannot be read as a URL');
    const built = new URL(filled);
    for (const [name, text] of query) built.searchParams.append(name, fill(text, values));
    const own = Object.fromEntries(headers.map(([name, text]) => [name, fill(text, values)]));
    return { method, url: built, headers: { ...contentTypeOf(spec.body), ...own }, body: body(values) };
  };
}

/** The bytes of a body. */
export function bodyText(body: BuiltRequest['body']): string | undefined {
  if (!body) return undefined;
  if ('json' in body) return JSON.stringify(body.json);
  if ('form' in body) return new URLSearchParams(body.form).toString();
  return body.text;
}
