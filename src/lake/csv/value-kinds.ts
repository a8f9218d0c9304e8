import { NUMBER_SHAPE } from '../number-format.ts';
import { VALUE_FORMATS } from '../value-formats.ts';

/** What a text looks like, for a guess at what its line is. */
export type ValueKind = 'empty' | 'number' | 'time' | 'boolean' | 'uuid' | 'text';

const MISSING = /^(na|n\/a|nan|null|none|nil|-+|\?|\.)$/i;
const FORMATS = VALUE_FORMATS.filter(({ id }) => id !== 'tf' && id !== 'yesNo');

export function kindOf(raw: string): ValueKind {
  const text = raw.trim();
  if (text === '') return 'empty';
  if (MISSING.test(text)) return 'empty';
  if (NUMBER_SHAPE.test(text)) return 'number';
  const type = FORMATS.find(({ shape }) => shape.test(text))?.type;
  if (type === undefined || type === 'text' || type === 'json') return 'text';
  return type === 'boolean' || type === 'uuid' ? type : 'time';
}

export const isData = (kind: ValueKind) => kind !== 'text' && kind !== 'empty';
