import type { JoinType } from '../../domain/model.ts';
import { ident, join, raw, type Sql, sql } from '../ast.ts';
import type { Dialect } from '../dialect.ts';
import { type KeyPair, keysEqual } from './join-keys.ts';
import { columnsOf, type ModelName } from './model-names.ts';
import type { ModelParts } from './model-parts.ts';
import { unpivotedName, unpivotedSource } from './unpivot.ts';

const alias = (table: number) => raw(`t${table}`);

/** The alias and the columns of what a FULL JOIN is written as where the engine has none. */
const unionAlias = (table: number) => raw(`j${table}`);
const unionColumn = ({ table, index }: ModelName) => raw(`t${table}_${index}`);

const WORDS: Readonly<Record<JoinType, string>> = {
  left: 'LEFT JOIN',
  inner: 'INNER JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
};

/** A model's tables, joined; knows how each column is called in the statement. */
export class ModelFrom {
  constructor(
    readonly parts: ModelParts,
    readonly names: ReadonlyMap<string, ModelName>,
    readonly keys: readonly (readonly KeyPair[])[],
    readonly dialect: Dialect,
  ) {}

  get #joins() {
    return this.parts.definition.joins ?? [];
  }

  /** Whether the join of `table` is written as a union. */
  #isUnion(table: number): boolean {
    return table > 0 && !this.dialect.fullJoin && this.#joins[table - 1]!.type === 'full';
  }

  /** How a column is called where the tables up to `last` are joined. */
  reference(name: ModelName, last = this.#joins.length): Sql {
    for (let table = last; table >= Math.max(name.table, 1); table--)
      if (this.#isUnion(table)) return sql`${unionAlias(table)}.${unionColumn(name)}`;
    return this.#own(name);
  }

  #own(name: ModelName): Sql {
    const { table, index } = name;
    if (table === 0 && this.parts.definition.unpivot) return sql`${alias(0)}.${unpivotedName(index)}`;
    return sql`${alias(table)}.${ident(columnsOf(this.parts, table)[index]!.name)}`;
  }

  /**
   * The tables whose columns are among `used`, and those between them. A left join that nothing is read of does not take part: it could only
   * repeat rows, and what repeats rows is not counted.
   */
  tablesFor(used: Iterable<string>): { tables: ReadonlySet<number>; wanted: ReadonlySet<ModelName> } {
    const wanted = new Set<ModelName>();
    for (const name of used) {
      const found = this.names.get(name);
      if (found) wanted.add(found);
    }
    const tables = new Set([0]);
    for (let table = this.#joins.length; table > 0; table--) {
      const isRead = [...wanted].some((name) => name.table === table);
      if (!isRead && (this.#joins[table - 1]!.type ?? 'left') === 'left') continue;
      tables.add(table);
      for (const { left, right } of this.keys[table - 1]!) wanted.add(left).add(right);
    }
    return { tables, wanted };
  }

  /** What stands after FROM where the columns `used` are read. */
  source(used: Iterable<string>): Sql {
    const { tables, wanted } = this.tablesFor(used);
    let from = sql`${this.#table(0, wanted)} AS ${alias(0)}`;
    for (let table = 1; table <= this.#joins.length; table++)
      if (tables.has(table)) from = this.#joined(from, table, wanted);
    return from;
  }

  #table(table: number, wanted: ReadonlySet<ModelName>): Sql {
    const { unpivot } = this.parts.definition;
    if (table > 0) return this.parts.joined[table - 1]!.source;
    if (!unpivot) return this.parts.base.source;
    const places = [...wanted].filter((name) => name.table === 0).map(({ index }) => index);
    return unpivotedSource(
      this.parts,
      unpivot,
      places.sort((a, b) => a - b),
      this.dialect,
    );
  }

  #joined(from: Sql, table: number, wanted: ReadonlySet<ModelName>): Sql {
    const { type = 'left' } = this.#joins[table - 1]!;
    const pairs = this.keys[table - 1]!;
    const on = keysEqual(
      pairs,
      (name) => this.reference(name, table - 1),
      (name) => this.#own(name),
      this.dialect,
    );
    const joined = (word: string) =>
      sql`${from}\n${raw(word)} ${this.#table(table, wanted)} AS ${alias(table)} ON ${on}`;
    if (!this.#isUnion(table)) return joined(WORDS[type]);
    const columns = [...wanted]
      .filter((name) => name.table <= table)
      .map((name) => {
        const value = name.table === table ? this.#own(name) : this.reference(name, table - 1);
        return sql`${value} AS ${unionColumn(name)}`;
      });
    const list = join(columns, ', ');
    const unmatched = sql`${this.reference(pairs[0]!.left, table - 1)} IS NULL`;
    return sql`(SELECT ${list} FROM ${joined(WORDS.left)}\nUNION ALL SELECT ${list} FROM ${joined(WORDS.right)} WHERE ${unmatched}) AS ${unionAlias(table)}`;
  }
}
