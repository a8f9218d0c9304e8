import { AppError } from '../../base/errors.ts';
import type { ModelColumn, ModelDimension } from '../../domain/model.ts';
import { resolveComputed } from '../computed.ts';
import { compileDimension } from '../dimension.ts';
import { compileExpression, fieldsOf } from '../expression/expression.ts';
import type { DerivedFields, Field, Scope } from '../scope.ts';
import { inModel, type ModelParts } from './model-parts.ts';

/** Computed columns are put into each other; so many pieces of SQL one may become, and all of them. */
const MAX_PIECES = 10_000;
const MAX_PIECES_IN_ALL = 100_000;
/** Columns in columns; DuckDB 1.5.6 takes seconds to bind an expression of some hundred levels, and heeds no interrupt meanwhile. */
const MAX_LEVELS = 50;

interface Made {
  field: Field;
  /** Of instants, whose groups have another form than instants have. */
  isGroup?: boolean;
  reads: ReadonlySet<string>;
  /** How many columns deep it is made of others. */
  level: number;
}

const isPlain = ({ name, field, grain, expr }: ModelDimension) =>
  field === name && grain === undefined && expr === undefined;

/** A model's computed columns and dimensions as fields, compiled when they are asked for. */
export class ModelDerived implements DerivedFields {
  readonly names: readonly string[];
  readonly #columns: ReadonlyMap<string, [ModelColumn, pointer: string]>;
  readonly #dimensions: ReadonlyMap<string, [ModelDimension, pointer: string]>;
  /** What cannot be made is remembered too: many columns may rest on it. */
  readonly #made = new Map<string, Made | AppError>();
  #pieces = 0;
  /** Those that are being compiled, from the outermost. */
  readonly #open: string[] = [];

  /** `columns` is the scope of the tables' columns. */
  constructor(
    readonly parts: ModelParts,
    readonly columns: Scope,
  ) {
    const { columns: computed = [], dimensions = [] } = parts.definition;
    this.#columns = new Map(computed.map((column, i) => [column.name, [column, `/columns/${i}`]]));
    this.#dimensions = new Map(
      dimensions.flatMap((dimension, i) =>
        isPlain(dimension) ? [] : [[dimension.name, [dimension, `/dimensions/${i}`]]],
      ),
    );
    this.names = [...this.#columns.keys(), ...this.#dimensions.keys()];
  }

  get(name: string, used: Set<string> | undefined, pointer: string): Field | undefined {
    const column = this.#columns.get(name);
    const dimension = column ? undefined : this.#dimensions.get(name);
    if (!column && !dimension) return undefined;
    let made = this.#made.get(name);
    if (!made) {
      made = this.#tried(() => (column ? this.#computed(...column) : this.#dimension(...dimension!)));
      this.#made.set(name, made);
    }
    if (made instanceof AppError) throw made;
    if (made.isGroup)
      throw new AppError(
        'query.unsupported',
        `The dimension ${JSON.stringify(name)} groups instants; test its field in its place`,
        { pointer, params: { field: name } },
      );
    for (const read of made.reads) used?.add(read);
    return made.field;
  }

  #tried(make: () => Made): Made | AppError {
    try {
      return make();
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  /** Of computed columns alone: what their expressions, and those of dimensions, may name beside the tables' columns. */
  scopeOf(reads: Set<string>): Scope {
    const derived: DerivedFields = {
      names: [...this.#columns.keys()],
      get: (name, used, pointer) => (this.#columns.has(name) ? this.get(name, used, pointer) : undefined),
    };
    return { ...this.columns, derived, used: reads };
  }

  /** The level of what is made of computed columns by an expression that stands at `pointer`. */
  #levelAbove(names: readonly string[], pointer: string): number {
    const levels = names.map((name) => {
      const made = this.#made.get(name);
      return made && !(made instanceof AppError) ? made.level : 0;
    });
    const level = 1 + Math.max(0, ...levels);
    if (level > MAX_LEVELS)
      throw new AppError('request.invalid', `Columns are made of each other over ${MAX_LEVELS} levels`, {
        pointer,
      });
    return level;
  }

  #computed({ name, expr }: ModelColumn, pointer: string): Made {
    const at = `${pointer}/expr`;
    return this.#once(name, at, () => {
      const reads = new Set<string>();
      const { sql, column } = compileExpression(expr, this.scopeOf(reads), at);
      this.#pieces += sql.parts.length;
      if (sql.parts.length > MAX_PIECES || this.#pieces > MAX_PIECES_IN_ALL)
        throw new AppError('request.invalid', `The column ${JSON.stringify(name)} grows too long`, {
          pointer: at,
          params: { column: name },
        });
      const level = this.#levelAbove(fieldsOf(expr, at), at);
      return { field: { sql, column: { ...column, name } }, reads, level };
    });
  }

  /** A dimension as a field of conditions and expressions. */
  #dimension(dimension: ModelDimension, pointer: string): Made {
    const { name, grain } = dimension;
    return this.#once(name, pointer, () => {
      const reads = new Set<string>();
      const scope = this.scopeOf(reads);
      const asked = askedDimension(dimension);
      const plain = grain === undefined ? resolveComputed(asked, scope, pointer) : undefined;
      if (plain) return { field: { sql: plain.sql, column: { ...plain.column, name } }, reads, level: 1 };
      const { sql, type } = compileDimension(asked, scope, pointer);
      return { field: { sql, column: { name, type } }, reads, level: 1, isGroup: type === 'timestamptz' };
    });
  }

  #once(name: string, pointer: string, make: () => Made): Made {
    return inModel(this.parts, pointer, () => {
      const start = this.#open.indexOf(name);
      if (start >= 0) {
        const circle = [...this.#open.slice(start), name];
        throw new AppError('request.invalid', `Columns are made of each other: ${circle.join(' → ')}`, {
          pointer,
          params: { circle },
        });
      }
      this.#open.push(name);
      try {
        return make();
      } finally {
        this.#open.pop();
      }
    });
  }
}

/** The dimension as a query would ask for it. */
export const askedDimension = ({ name, field, expr, grain }: ModelDimension) => ({
  ...(field === undefined ? {} : { field }),
  ...(expr === undefined ? {} : { expr }),
  ...(grain === undefined ? {} : { grain }),
  as: name,
});
