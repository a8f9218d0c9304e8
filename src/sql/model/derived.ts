import { AppError } from '../../base/errors.ts';
import type { ModelColumn, ModelDimension } from '../../domain/model.ts';
import { compileDimension } from '../dimension.ts';
import { compileExpression } from '../expression/expression.ts';
import { type DerivedFields, type Field, resolveField, type Scope } from '../scope.ts';
import { inModel, type ModelParts } from './model-parts.ts';

/** Computed columns are put into each other; so many pieces of SQL one may become. */
const MAX_PIECES = 20_000;

interface Made {
  field: Field;
  reads: ReadonlySet<string>;
}

const isPlain = ({ name, field, grain, expr }: ModelDimension) =>
  field === name && grain === undefined && expr === undefined;

/** A model's computed columns and dimensions as fields, compiled when they are asked for. */
export class ModelDerived implements DerivedFields {
  readonly names: readonly string[];
  readonly #columns: ReadonlyMap<string, [ModelColumn, pointer: string]>;
  readonly #dimensions: ReadonlyMap<string, [ModelDimension, pointer: string]>;
  readonly #made = new Map<string, Made>();
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

  get(name: string, used: Set<string> | undefined): Field | undefined {
    const column = this.#columns.get(name);
    const dimension = column ? undefined : this.#dimensions.get(name);
    if (!column && !dimension) return undefined;
    let made = this.#made.get(name);
    if (!made) {
      made = column ? this.#computed(...column) : this.#dimension(...dimension!);
      this.#made.set(name, made);
    }
    for (const read of made.reads) used?.add(read);
    return made.field;
  }

  /** Of computed columns alone: what their expressions, and those of dimensions, may name beside the tables' columns. */
  scopeOf(reads: Set<string>): Scope {
    const derived: DerivedFields = {
      names: [...this.#columns.keys()],
      get: (name, used) => (this.#columns.has(name) ? this.get(name, used) : undefined),
    };
    return { ...this.columns, derived, used: reads };
  }

  #computed({ name, expr }: ModelColumn, pointer: string): Made {
    const at = `${pointer}/expr`;
    return this.#once(name, at, () => {
      const reads = new Set<string>();
      const { sql, column } = compileExpression(expr, this.scopeOf(reads), at);
      if (sql.parts.length > MAX_PIECES)
        throw new AppError('request.invalid', `The column ${JSON.stringify(name)} grows too long`, {
          pointer: at,
          params: { column: name },
        });
      return { field: { sql, column: { ...column, name } }, reads };
    });
  }

  /** A dimension as a field of conditions and expressions. */
  #dimension(dimension: ModelDimension, pointer: string): Made {
    const { name, field, grain, expr } = dimension;
    return this.#once(name, pointer, () => {
      const reads = new Set<string>();
      const scope = this.scopeOf(reads);
      if (field !== undefined && grain === undefined) {
        const { sql, column } = resolveField(scope, field, `${pointer}/field`);
        return { field: { sql, column: { ...column, name } }, reads };
      }
      if (expr !== undefined && grain === undefined) {
        const { sql, column } = compileExpression(expr, scope, `${pointer}/expr`);
        return { field: { sql, column: { ...column, name } }, reads };
      }
      const { sql, type } = compileDimension(askedDimension(dimension), scope, pointer);
      // An instant's group has another form than an instant; its field can be tested as well.
      if (type === 'timestamptz')
        throw new AppError(
          'query.unsupported',
          `The dimension ${JSON.stringify(name)} groups instants; test its field in its place`,
          { params: { field: name } },
        );
      return { field: { sql, column: { name, type } }, reads };
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
