import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { AppError } from '../base/errors.ts';
import { nearNames } from '../base/near-names.ts';
import { shrink, widened } from './shrink.ts';

/** What is wrong with a value: where (RFC 6901) and what. */
export interface Issue {
  pointer: string;
  message: string;
}

const compiled = new WeakMap<TSchema, Validator>();

function validator(schema: TSchema): Validator {
  let found = compiled.get(schema);
  if (!found) {
    Settings.Set({ maxErrors: 500 }); // the default of 8 hides the branch of a union that was meant
    found = Compile(schema);
    compiled.set(schema, found);
  }
  return found;
}

type RawError = ReturnType<Validator['Errors']>[number];

const plain = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

type SchemaNode = Record<string, unknown>;

/** The fields of the object that an unknown one is in. */
function knownFields(schema: TSchema, schemaPath: string): string[] {
  let at: SchemaNode | undefined = schema as SchemaNode;
  let definitions: SchemaNode = {};
  for (const part of [...schemaPath.split('/').slice(1, -1), undefined]) {
    definitions = (at?.$defs as SchemaNode | undefined) ?? definitions;
    if (typeof at?.$ref === 'string') at = definitions[at.$ref] as SchemaNode | undefined;
    if (part !== undefined) at = at?.[plain(part)] as SchemaNode | undefined;
  }
  return Object.keys(at?.properties ?? {});
}

function unknownField(schema: TSchema, { instancePath, schemaPath }: RawError): string {
  const name = instancePath.slice(instancePath.lastIndexOf('/') + 1);
  const near = nearNames(plain(name), knownFields(schema, schemaPath));
  return `is not a known field${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
}

function message(schema: TSchema, error: RawError): string {
  const { keyword, params, message } = error;
  const facts = params as Record<string, unknown>;
  if (keyword === 'boolean') return unknownField(schema, error);
  if (keyword === 'required')
    return `must have the field ${(facts.requiredProperties as string[]).join(', ')}`;
  if (keyword === 'enum') return `must be one of ${(facts.allowedValues as unknown[]).join(', ')}`;
  if (keyword === 'const') return `must be ${JSON.stringify(facts.allowedValue)}`;
  return message;
}

const OF_BRANCH = /^(\d+)(?=\/|$)/;

/** The branch of a union that was meant: the one that objects least to the value itself, then least in all. */
function meantBranch(errors: RawError[], union: RawError): string | undefined {
  const scores = new Map<string, number>();
  for (const error of errors) {
    const branch = branchOf(error, union);
    if (branch === undefined) continue;
    const atUnion = error.instancePath === union.instancePath;
    const weight = !atUnion ? 1 : error.keyword === 'type' ? 1e6 : 1e3;
    scores.set(branch, (scores.get(branch) ?? 0) + weight);
  }
  return [...scores].sort(([, a], [, b]) => a - b)[0]?.[0];
}

function branchOf(error: RawError, union: RawError): string | undefined {
  const prefix = `${union.schemaPath}/anyOf/`;
  if (!error.schemaPath.startsWith(prefix)) return undefined;
  return OF_BRANCH.exec(error.schemaPath.slice(prefix.length))?.[1];
}

/**
 * A union whose branches are told apart by a constant at one place, such as `kind`: the errors of the branches that have it right, or one
 * error that names what it may be. Undefined where they are told apart otherwise.
 */
function byConstant(errors: RawError[], union: RawError): RawError[] | undefined {
  const branches = new Set(errors.flatMap((error) => branchOf(error, union) ?? []));
  const constants = errors.filter(({ keyword, instancePath, schemaPath }) => {
    const depth = instancePath.slice(union.instancePath.length).split('/').length - 1;
    const isOwn = /^\/anyOf\/\d+\/properties\/[^/]+$/.test(schemaPath.slice(union.schemaPath.length));
    return keyword === 'const' && depth === 1 && isOwn && instancePath.startsWith(`${union.instancePath}/`);
  });
  const [first] = constants;
  if (!first || constants.some(({ instancePath }) => instancePath !== first.instancePath)) return undefined;
  const wrong = new Set(constants.map((error) => branchOf(error, union)));
  const rest = errors.filter((error) => branchOf(error, union) === undefined);
  if (wrong.size === branches.size) {
    const allowedValues = constants.map(({ params }) => (params as { allowedValue: unknown }).allowedValue);
    return [...rest, { ...first, keyword: 'enum', params: { allowedValues } } as RawError];
  }
  return errors.filter((error) => !wrong.has(branchOf(error, union)) || branchOf(error, union) === undefined);
}

/** Of a failed union, every branch reports; only the one that was meant is of use to the caller. */
function mostSpecific(schema: TSchema, errors: RawError[]): Issue[] {
  let kept = errors;
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const union of unions) {
    if (!kept.includes(union)) continue;
    kept = byConstant(kept, union) ?? kept;
    const meant = meantBranch(kept, union);
    const noneOfItsType = kept.every(
      (e) =>
        branchOf(e, union) === undefined || (e.keyword === 'type' && e.instancePath === union.instancePath),
    );
    if (noneOfItsType) continue;
    kept = kept.filter((error) => [undefined, meant].includes(branchOf(error, union)));
  }
  const named = kept.filter(({ keyword }) => keyword !== 'additionalProperties' && keyword !== 'anyOf');
  const byPlace = new Map<string, string[]>();
  for (const error of named)
    byPlace.set(error.instancePath, [...(byPlace.get(error.instancePath) ?? []), message(schema, error)]);
  return [...byPlace].map(([pointer, messages]) => ({
    pointer,
    message: [...new Set(messages)].join(' or '),
  }));
}

function faultsOf(schema: TSchema, given: unknown): Issue[] {
  const check = validator(schema);
  if (check.Check(given)) return [];
  const { value, starts, tooLong } = shrink(given, (part) => !check.Check(part));
  if (tooLong)
    return [{ pointer: tooLong.pointer, message: `must not have more than ${tooLong.most} items` }];
  return mostSpecific(schema, check.Errors(value)).map(({ pointer, message: text }) => ({
    pointer: widened(pointer, starts),
    message: text,
  }));
}

/** The faults of `value`; none when it fits. Of a large value those of some elements of its lists are told, not of all. */
export function issues(schema: TSchema, value: unknown): Issue[] {
  try {
    return faultsOf(schema, value);
  } catch (error) {
    // The stack is used up: a schema that holds itself follows the value down.
    if (error instanceof RangeError) return [{ pointer: '', message: 'is nested too deep' }];
    throw error;
  }
}

/** The value as the schema's type, or AppError `request.invalid` that names the first fault and lists all. */
export function parse<S extends TSchema>(schema: S, value: unknown, at = ''): Static<S> {
  const found = issues(schema, value);
  const [first] = found;
  if (!first) return value as Static<S>;
  const errors = found.map((issue) => ({ ...issue, pointer: at + issue.pointer }));
  const where = errors[0]!.pointer || 'the body';
  throw new AppError('request.invalid', `${where} ${first.message}`, {
    pointer: at + first.pointer,
    params: { errors },
  });
}
