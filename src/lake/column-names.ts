import { AppError } from '../base/errors.ts';

const MAX_NAME = 500;

function clean(name: string | null | undefined, index: number): string {
  const text = (name ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? `column_${index + 1}` : text.slice(0, MAX_NAME).toWellFormed();
}

/** Names fit for columns: no control characters, none empty, none twice (a second `a` becomes `a_2`). */
export function columnNames(raw: readonly (string | null | undefined)[], maxColumns: number): string[] {
  if (raw.length > maxColumns)
    throw new AppError('request.tooLarge', `The file has ${raw.length} columns; ${maxColumns} are allowed`, {
      pointer: '/file',
      params: { limit: 'UPLOAD_MAX_COLUMNS', max: maxColumns, found: raw.length },
    });
  const cleaned = raw.map(clean);
  const reserved = new Set(cleaned.map(fold));
  const used = new Set<string>();
  return cleaned.map((name) => {
    let free = name;
    for (let n = 2; used.has(fold(free)) || (free !== name && reserved.has(fold(free))); n++)
      free = `${name}_${n}`;
    used.add(fold(free));
    return free;
  });
}

/** DuckDB and Parquet readers find columns without regard to case, so `A` and `a` are one name. */
const fold = (name: string) => name.toLowerCase();
