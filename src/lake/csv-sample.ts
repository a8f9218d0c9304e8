export interface Field {
  text: string;
  quoted: boolean;
}

/**
 * Reads the first records of a CSV text; a record that the text cuts off is left out unless it is the only one. For a look at a
 * file's beginning: DuckDB reads the whole.
 */
export function sampleRecords(
  text: string,
  delimiter: string,
  quote: string,
  maxRecords: number,
  complete: boolean,
): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  let field = '';
  let quoted = false;
  let inside = false;
  const endField = () => {
    record.push({ text: field, quoted });
    field = '';
    quoted = false;
  };
  const endRecord = () => {
    endField();
    records.push(record);
    record = [];
  };
  for (let i = 0; i < text.length && records.length < maxRecords; i++) {
    const character = text[i]!;
    if (inside) {
      if (character !== quote) field += character;
      else if (text[i + 1] === quote) {
        field += quote;
        i++;
      } else inside = false;
    } else if (quote !== '' && character === quote && field.trim() === '' && !quoted) {
      field = '';
      quoted = true;
      inside = true;
    } else if (character === delimiter) endField();
    else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[i + 1] === '\n') i++;
      endRecord();
    } else field += character;
  }
  const rest = field !== '' || record.length > 0 || quoted;
  if (rest && records.length < maxRecords && (complete || records.length === 0)) endRecord();
  return records;
}

export const isBlank = (record: readonly Field[]) =>
  record.length === 1 && record[0]!.text === '' && !record[0]!.quoted;
