import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  name: string;
  content: string | Uint8Array;
  /** 8, Deflate, unless it is told; the content of other methods is compressed already. */
  method?: number;
  /** The size before compression, for other methods than 0 and 8. */
  plain?: string;
  flags?: number;
}

function headers({ name, content, method = 8, plain, flags = 0x800 }: ZipMember, offset: number) {
  const bytes = Buffer.from(content as Uint8Array);
  const data = method === 8 ? deflateRawSync(bytes) : bytes;
  const original = plain === undefined ? bytes : Buffer.from(plain);
  const label = Buffer.from(name);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(flags, 2);
  shared.writeUInt16LE(method, 4);
  shared.writeUInt32LE(crc32(original), 10);
  shared.writeUInt32LE(data.length, 14);
  shared.writeUInt32LE(original.length, 18);
  shared.writeUInt16LE(label.length, 22);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, label, data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, label]);
  return { local, central };
}

/** A zip archive. */
export function zipFile(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const [locals, centrals]: Buffer[][] = [[], []];
  let offset = 0;
  for (const member of members) {
    const { local, central } = headers(member, offset);
    locals!.push(local);
    centrals!.push(central);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals!);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals!, directory, end]));
}
