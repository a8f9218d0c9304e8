import Type, { type Static } from 'typebox';
import { AppError } from '../../base/errors.ts';
import { Filter } from '../../domain/filter.ts';
import { FieldName } from '../../domain/name.ts';
import { From, Measure, type QuerySpec } from '../../domain/query-spec.ts';
import { Range } from '../../domain/time.ts';
import { type Amount, type Contributions, contributionsOf, type Member, moved } from './contributions.ts';
import type { AiData } from './data.ts';
import { Decimals } from './decimals.ts';
import type { AiTaskContext } from './tasks.ts';

/** A change of a measure between two periods. */
export const CHANGE = {
  from: From,
  measure: Measure,
  time: FieldName,
  before: Range,
  after: Range,
  dimensions: Type.Array(FieldName, { minItems: 1, maxItems: 10 }),
  where: Type.Optional(Filter),
  top: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
  timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
} as const;
export const ChangeInput = Type.Object(CHANGE, { additionalProperties: false });
export type ChangeInput = Static<typeof ChangeInput>;

const bad = (pointer: string, detail: string) => new AppError('request.invalid', detail, { pointer });

const DEFAULT_TOP = 5;
const MOST_MEMBERS = 10_000;
/** Only their changes add up to the change of the whole. */
const ADDITIVE = new Set(['sum', 'count']);

interface Change {
  before: Amount;
  after: Amount;
  delta: number | string;
  /** Of what was before, whatever its sign: above 0 it rose. */
  ratio: number | null;
}

function changeOf(before: Amount, after: Amount, decimals: Decimals): Change {
  const { delta } = moved(before, after, 0n, decimals);
  const base = Math.abs(Number(before));
  return { before, after, delta, ratio: base === 0 ? null : Number(delta) / base };
}

function specOf(input: ChangeInput, dimensions: string[]): QuerySpec {
  const { from, measure, time, where, timezone } = input;
  const within = (range: Range) => ({ field: time, op: 'during' as const, range });
  const both = { or: [within(input.before), within(input.after)] };
  const measured = (range: Range, as: string) => ({
    ...measure,
    as,
    where: measure.where === undefined ? within(range) : { and: [measure.where, within(range)] },
  });
  return {
    from,
    dimensions: dimensions.map((field, i) => ({ field, as: `member_${i}` })),
    measures: [measured(input.before, 'before_value'), measured(input.after, 'after_value')],
    where: where === undefined ? both : { and: [where, both] },
    ...(timezone === undefined ? {} : { timezone }),
    ...(dimensions.length > 0 ? { limit: MOST_MEMBERS + 1 } : {}),
  };
}

const amountOf = (value: unknown) => (value ?? null) as Amount;

/** The change of the whole, and by dimension the members that made it, which with the others add up to it: computed from rows. The measure is one that adds up. */
export async function changeFacts(
  input: ChangeInput,
  { data, query }: Pick<AiTaskContext, 'data' | 'query'>,
) {
  const whole = await data.rows(specOf(input, []), query);
  const [row = []] = whole.rows;
  const ends = { before: amountOf(row[0]), after: amountOf(row[1]) };
  const byDimension: [dimension: string, members: Member[]][] = [];
  for (const dimension of input.dimensions) {
    const { rows } = await data.rows(specOf(input, [dimension]), query);
    const members = rows.map(([member, before, after]) => ({
      member,
      before: amountOf(before),
      after: amountOf(after),
    }));
    byDimension.push([dimension, members]);
  }
  const all = byDimension.flatMap(([, members]) => members);
  const decimals = new Decimals([...row, ...all.flatMap(({ before, after }) => [before, after])]);
  const contributions = byDimension.map(
    ([dimension, members]): { dimension: string; truncated: boolean } & Contributions => {
      const truncated = members.length > MOST_MEMBERS;
      const looked = members.slice(0, MOST_MEMBERS);
      const top = input.top ?? DEFAULT_TOP;
      return { dimension, truncated, ...contributionsOf(looked, ends, top, decimals, truncated) };
    },
  );
  return { change: changeOf(ends.before, ends.after, decimals), contributions, ranges: whole.meta.ranges };
}

export type ChangeFacts = Awaited<ReturnType<typeof changeFacts>>;

/** What a measure is made of: a measure of the model by its name is that of the model. */
async function madeOf({ from, measure }: ChangeInput, data: AiData): Promise<Measure> {
  const { measure: name } = measure;
  if (name === undefined) return measure;
  const more = Object.keys(measure).find((field) => field !== 'measure' && field !== 'as');
  if (more) throw bad(`/measure/${more}`, `/measure/${more} does not go with a measure of the model`);
  if (from.model === undefined) throw bad('/measure/measure', '/measure/measure goes with a model');
  const { agg, field, expr, where } = await data.measure(from.model, name);
  return {
    agg,
    ...(field === undefined ? {} : { field }),
    ...(expr === undefined ? {} : { expr }),
    ...(where === undefined ? {} : { where }),
  };
}

/** The change with its measure as it is computed. Throws `request.invalid` for one whose parts do not add up to the whole, and `query.field`. */
export async function additiveChange(input: ChangeInput, data: AiData): Promise<ChangeInput> {
  const measure = await madeOf(input, data);
  if (measure.agg === undefined || !ADDITIVE.has(measure.agg))
    throw bad(
      input.measure.measure === undefined ? '/measure/agg' : '/measure/measure',
      'Contributions are told for sum and count: only their parts add up to the whole',
    );
  return { ...input, measure };
}
