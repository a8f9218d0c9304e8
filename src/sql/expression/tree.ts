import type { ColumnType } from '../../domain/column.ts';
import type { Grain } from '../../domain/time.ts';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** A type that is cast to; digits in all and behind the point are those of a decimal. */
export interface Target {
  type: ColumnType;
  precision?: number;
  scale?: number;
}

export interface Span {
  count: number;
  unit: Grain;
}

export interface Branch {
  when: Node;
  result: Node;
}

type Shape =
  | { kind: 'number'; text: string }
  | { kind: 'text'; value: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }
  | { kind: 'moment'; type: 'date' | 'time' | 'timestamp' | 'timestamptz'; text: string }
  | { kind: 'interval'; spans: readonly Span[] }
  | { kind: 'field'; name: string }
  | { kind: 'minus'; operand: Node }
  | { kind: 'not'; operand: Node }
  | { kind: 'logic'; sign: 'and' | 'or'; left: Node; right: Node }
  | { kind: 'compare'; sign: Comparison; left: Node; right: Node }
  | { kind: 'arithmetic'; sign: Arithmetic; left: Node; right: Node }
  | { kind: 'concat'; left: Node; right: Node }
  | { kind: 'isNull'; operand: Node; negated: boolean }
  | { kind: 'isTruth'; operand: Node; truth: boolean; negated: boolean }
  | { kind: 'isDistinct'; left: Node; right: Node; negated: boolean }
  | { kind: 'between'; operand: Node; low: Node; high: Node; negated: boolean }
  | { kind: 'in'; operand: Node; items: readonly Node[]; negated: boolean }
  | { kind: 'like'; operand: Node; pattern: Node; ignoreCase: boolean; negated: boolean }
  | { kind: 'case'; subject: Node | undefined; branches: readonly Branch[]; otherwise: Node | undefined }
  | { kind: 'cast'; operand: Node; target: Target }
  | { kind: 'call'; name: string; args: readonly Node[] };

/** One node of an expression, and where it begins in the text. */
export type Node = Shape & { readonly at: number };
export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>;

const SINGLE = ['operand', 'left', 'right', 'low', 'high', 'pattern', 'subject', 'otherwise'] as const;

/** The nodes right below. */
export function childrenOf(node: Node): Node[] {
  const given = node as Partial<Record<(typeof SINGLE)[number], Node>>;
  const single = SINGLE.flatMap((key) => given[key] ?? []);
  if (node.kind === 'in') return [...single, ...node.items];
  if (node.kind === 'call') return [...node.args];
  if (node.kind === 'case')
    return [...single, ...node.branches.flatMap(({ when, result }) => [when, result])];
  return single;
}
