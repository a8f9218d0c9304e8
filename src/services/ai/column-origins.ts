import type { AnyQuery } from '../../domain/ai-query.ts';
import type { Model } from '../../domain/model.ts';
import type { From } from '../../domain/query-spec.ts';

const WORD = /[\p{L}_][\p{L}\p{N}_$]*|"[^"]+"|`[^`]+`|\[[^\]]+\]/gu;

/** Every name that a text of SQL or an expression may mean: rather one too many. */
const wordsIn = (text: string): string[] =>
  [...text.matchAll(WORD)].map(([word]) => word.replace(/^["`[]|["`\]]$/g, ''));

interface Made {
  name?: string | undefined;
  measure?: string | undefined;
  field?: string | undefined;
  expr?: string | undefined;
  as?: string | undefined;
}

const partsOf = ({ name, measure, field, expr, as }: Made): string[] => [
  ...[name, measure, field, as].filter((part) => part !== undefined),
  ...(expr === undefined ? [] : wordsIn(expr)),
];

/** A column of a joined table is known by its own name too. */
const withLast = (name: string): string[] =>
  name.includes('.') ? [name, name.slice(name.lastIndexOf('.') + 1)] : [name];

/**
 * All names behind a column of an answer: its own, and those of fields, expressions and SELECTs that its values come from, so that a hidden
 * column stays hidden under another name.
 */
export class ColumnOrigins {
  readonly #made: ReadonlyMap<string, readonly Made[]>;
  readonly #everywhere: readonly string[];

  constructor(from: From, model?: Model) {
    const made = new Map<string, Made[]>();
    const parts: Made[] = [
      ...(model?.columns ?? []),
      ...(model?.dimensions ?? []),
      ...(model?.measures ?? []),
    ];
    const unpivot = model?.unpivot;
    const values = (unpivot?.columns ?? []).map((field) => ({ name: unpivot!.value, field }));
    for (const part of [...parts, ...values]) made.set(part.name!, [...(made.get(part.name!) ?? []), part]);
    this.#made = made;
    const texts = [from.sql, model?.from.sql, ...(model?.joins ?? []).map(({ sql }) => sql)];
    this.#everywhere = [...new Set(texts.flatMap((text) => (text === undefined ? [] : wordsIn(text))))];
  }

  of(asked: string | Made): string[] {
    const found = new Set<string>(this.#everywhere);
    const seen = new Set<string>();
    const add = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const each of withLast(name)) found.add(each);
      for (const part of this.#made.get(name) ?? []) for (const each of partsOf(part)) add(each);
    };
    for (const name of typeof asked === 'string' ? [asked] : partsOf(asked)) add(name);
    return [...found];
  }

  /** Of each column of an answer, or of each level and measure of a pivot. */
  ofQuery({ kind, spec }: AnyQuery) {
    const all = (asked: readonly (string | Made)[] = []) => asked.map((one) => this.of(one));
    const measures = all(spec.measures);
    if (kind === 'spec') return { rows: [...all(spec.dimensions), ...measures], columns: [], measures: [] };
    return { rows: all(spec.rows), columns: all(spec.columns), measures };
  }
}
