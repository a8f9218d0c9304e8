import { ByteReader, ByteWriter } from './bytes.ts';

/** What a LOGIN7 message says ([MS-TDS] 2.2.6.4). */
export interface Login {
  user: string;
  password: string;
  database: string;
  applicationName: string;
  serverName: string;
  packetSize: number;
  readOnlyIntent: boolean;
}

const FIELDS = { user: 40, password: 44, applicationName: 48, serverName: 52, database: 68 } as const;

/** Each byte of a password has its halves swapped after it was XORed with 0xa5. */
function unscrambled(text: string): string {
  const bytes = Buffer.from(text, 'utf16le');
  for (const [index, byte] of bytes.entries()) {
    const plain = byte ^ 0xa5;
    bytes[index] = ((plain << 4) | (plain >> 4)) & 255;
  }
  return bytes.toString('utf16le');
}

export function readLogin(payload: Buffer): Login {
  const field = (at: number) => {
    const reader = new ByteReader(payload);
    reader.at = payload.readUInt16LE(at);
    return reader.unicode(payload.readUInt16LE(at + 2));
  };
  return {
    user: field(FIELDS.user),
    password: unscrambled(field(FIELDS.password)),
    applicationName: field(FIELDS.applicationName),
    serverName: field(FIELDS.serverName),
    database: field(FIELDS.database),
    packetSize: payload.readUInt32LE(8),
    readOnlyIntent: (payload.readUInt8(26) & 0x20) !== 0,
  };
}

/** [MS-TDS] 2.2.6.5: version, encryption and the options that the client expects. */
export const ENCRYPTION = { off: 0x00, on: 0x01, notSupported: 0x02, required: 0x03 } as const;

export function preloginAnswer(encryption: number): Buffer {
  const options: [number, Buffer][] = [
    [0, Buffer.from([16, 0, 0x10, 0x00, 0, 0])],
    [1, Buffer.from([encryption])],
    [2, Buffer.from([0])],
    [3, Buffer.alloc(0)],
    [4, Buffer.from([0])],
  ];
  const head = Buffer.alloc(options.length * 5 + 1);
  let offset = head.length;
  for (const [index, [token, data]] of options.entries()) {
    head.writeUInt8(token, index * 5);
    head.writeUInt16BE(offset, index * 5 + 1);
    head.writeUInt16BE(data.length, index * 5 + 3);
    offset += data.length;
  }
  head.writeUInt8(0xff, options.length * 5);
  const to = new ByteWriter().bytes(head);
  for (const [, data] of options) to.bytes(data);
  return to.take();
}
