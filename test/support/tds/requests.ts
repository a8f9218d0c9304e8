import { ByteReader } from './bytes.ts';
import { PACKET } from './packets.ts';

export interface Parameter {
  name: string;
  /** As T-SQL spells it, lengths left out: `nvarchar`, `bigint`, `numeric(38,0)` … */
  type: string;
  value: string | number | boolean | null;
}

/** What a client asked for, as tests assert it. */
export interface Received {
  kind: 'batch' | 'procedure' | 'transaction';
  /** The T-SQL of a batch or of `sp_executesql`. */
  text: string;
  procedure?: string;
  /** The declarations given to `sp_executesql`, such as `@p1 bigint`. */
  declarations?: string;
  parameters: Parameter[];
}

const PROCEDURES = new Map([
  [10, 'sp_executesql'],
  [11, 'sp_prepare'],
  [12, 'sp_execute'],
  [13, 'sp_prepexec'],
  [15, 'sp_unprepare'],
]);

function skipHeaders(reader: ByteReader): void {
  reader.at = reader.buffer.readUInt32LE(0);
}

function chunks(reader: ByteReader): Buffer | null {
  if (reader.u64() === 0xffff_ffff_ffff_ffffn) return null;
  const parts: Buffer[] = [];
  for (let length = reader.u32(); length > 0; length = reader.u32()) parts.push(reader.bytes(length));
  return Buffer.concat(parts);
}

function readText(reader: ByteReader): Omit<Parameter, 'name'> {
  const length = reader.u16();
  reader.bytes(5);
  if (length === 0xffff) return { type: 'nvarchar(max)', value: chunks(reader)?.toString('utf16le') ?? null };
  const size = reader.u16();
  return { type: 'nvarchar', value: size === 0xffff ? null : reader.bytes(size).toString('utf16le') };
}

function readWhole(reader: ByteReader): Omit<Parameter, 'name'> {
  const type = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }[reader.u8()] ?? 'integer';
  const bytes = reader.bytes(reader.u8());
  if (bytes.length === 0) return { type, value: null };
  const value = [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { type, value: String(BigInt.asIntN(bytes.length * 8, value)) };
}

function readDecimal(reader: ByteReader): Omit<Parameter, 'name'> {
  reader.u8();
  const type = `numeric(${reader.u8()},${reader.u8()})`;
  const bytes = reader.bytes(reader.u8());
  if (bytes.length === 0) return { type, value: null };
  const magnitude = [...bytes.subarray(1)].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { type, value: `${bytes[0] === 0 ? '-' : ''}${magnitude}` };
}

function readFloat(reader: ByteReader): Omit<Parameter, 'name'> {
  reader.u8();
  const bytes = reader.bytes(reader.u8());
  return {
    type: 'float',
    value: bytes.length === 0 ? null : bytes.length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE(),
  };
}

function readBit(reader: ByteReader): Omit<Parameter, 'name'> {
  reader.u8();
  const bytes = reader.bytes(reader.u8());
  return { type: 'bit', value: bytes.length === 0 ? null : bytes[0] === 1 };
}

const READERS = new Map<number, (reader: ByteReader) => Omit<Parameter, 'name'>>([
  [0x26, readWhole],
  [0x68, readBit],
  [0x6c, readDecimal],
  [0x6d, readFloat],
  [0xe7, readText],
]);

function readParameters(reader: ByteReader): Parameter[] {
  const parameters: Parameter[] = [];
  while (reader.left > 0) {
    const name = reader.shortText();
    reader.u8();
    const id = reader.u8();
    const read = READERS.get(id);
    if (!read) throw new Error(`parameters of type 0x${id.toString(16)} are not read by this server`);
    parameters.push({ name, ...read(reader) });
  }
  return parameters;
}

function readProcedure(reader: ByteReader): Received {
  const length = reader.u16();
  const procedure = length === 0xffff ? (PROCEDURES.get(reader.u16()) ?? 'unknown') : reader.unicode(length);
  reader.u16();
  const parameters = readParameters(reader);
  if (procedure !== 'sp_executesql') return { kind: 'procedure', text: procedure, procedure, parameters };
  const [statement, declarations, ...bound] = parameters;
  return {
    kind: 'procedure',
    text: String(statement?.value ?? ''),
    procedure,
    ...(declarations ? { declarations: String(declarations.value) } : {}),
    parameters: bound,
  };
}

const TRANSACTIONS = new Map([
  [5, 'begin'],
  [7, 'commit'],
  [8, 'rollback'],
  [9, 'save'],
]);

export function readRequest(type: number, payload: Buffer): Received {
  const reader = new ByteReader(payload);
  skipHeaders(reader);
  if (type === PACKET.rpc) return readProcedure(reader);
  if (type === PACKET.transaction)
    return { kind: 'transaction', text: TRANSACTIONS.get(reader.u16()) ?? 'unknown', parameters: [] };
  return { kind: 'batch', text: reader.unicode(reader.left / 2), parameters: [] };
}
