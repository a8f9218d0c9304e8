import { join } from 'node:path';
import type { OracleColumn, OracleTable, Value } from '../support/oracle/values.ts';
import { dayNumber } from '../support/oracle/zones.ts';
import { DATA } from './service-kit.ts';

type Raw = string | number | boolean | null;

/** Fields of CSV as RFC 4180 has it; an empty one is null. */
function parseSeparated(text: string, separator: string): Raw[][] {
  const lines: Raw[][] = [];
  let line: Raw[] = [];
  let field = '';
  let quoted = false;
  const endField = () => {
    line.push(field === '' ? null : field);
    field = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') {
        field += char;
        i++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === separator) endField();
    else if (char === '\n') {
      endField();
      lines.push(line);
      line = [];
    } else if (char !== '\r') field += char;
  }
  if (field !== '' || line.length > 0) {
    endField();
    lines.push(line);
  }
  return lines;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2024-01-31`, `2001/01/31` or `Jan 31 2001`, as days since 1970. */
function dayOfText(text: string): number {
  const [, month, day, year] = /^([A-Z][a-z]{2}) (\d\d?) (\d{4})$/.exec(text) ?? [];
  if (month === undefined) return dayNumber(text.replaceAll('/', '-').slice(0, 10));
  return dayNumber(`${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day!.padStart(2, '0')}`);
}

function decimalOf(text: string, scale: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(`${whole === '' || whole === '-' ? `${whole}0` : whole}${fraction.padEnd(scale, '0')}`);
}

function clockOf(text: string): bigint {
  const [, clock = ''] = text.split(/[ T]/);
  const [hour = '0', minute = '0', second = '0'] = clock.replace(/(\.\d+)?Z$/, '').split(':');
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return BigInt(dayOfText(text) * 86_400 + seconds) * 1_000_000n;
}

function toValue(raw: Raw | undefined, { type, scale = 0 }: OracleColumn): Value {
  if (raw === null || raw === undefined) return null;
  const text = String(raw);
  if (type === 'text') return text;
  if (type === 'integer') return BigInt(text);
  if (type === 'float') return Number(text);
  if (type === 'decimal') return decimalOf(text, scale);
  if (type === 'date') return dayOfText(text);
  if (type === 'timestamp' || type === 'timestamptz') return clockOf(text);
  throw new Error(`no file here has ${type}`);
}

/** `decimal(2)` is a decimal with two digits after the point. */
export function columnOf(name: string, type: string): OracleColumn {
  const scale = /^decimal\((\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return { name, type: 'decimal', scale: Number(scale) };
  return { name, type: type as OracleColumn['type'] };
}

/** A file as the types that a person would give its columns make of it. */
export async function readTable(file: string, types: Readonly<Record<string, string>>): Promise<OracleTable> {
  const columns = Object.entries(types).map(([name, type]) => columnOf(name, type));
  const text = await Bun.file(join(DATA, file)).text();
  const records: Record<string, Raw>[] = [];
  if (file.endsWith('.json')) records.push(...(JSON.parse(text) as Record<string, Raw>[]));
  else {
    const [header = [], ...lines] = parseSeparated(text, file.endsWith('.tsv') ? '\t' : ',');
    for (const line of lines)
      records.push(Object.fromEntries(header.map((name, i) => [String(name), line[i] ?? null])));
  }
  return {
    columns,
    rows: records.map((record) =>
      Object.fromEntries(columns.map((column) => [column.name, toValue(record[column.name], column)])),
    ),
  };
}
