export type Compression = 'gzip' | 'bzip2' | 'xz' | 'zstd' | 'zip';

const MAGIC: readonly [Compression, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
];
/** Of bzip2's first block, or of its end where there is none; "BZh9" alone may be text. */
const BZIP2 = ['1AY&SY', '\x17rE8P\x90'];

const isBzip2 = (text: string) => /^BZh[1-9]/.test(text) && BZIP2.includes(text.slice(4, 10));
const isSkippableZstd = (text: string) => /^[P-_]/.test(text) && text.slice(1, 4) === '*M\x18';

/** How a file is compressed, by its first bytes; undefined where it is not. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => head[i] === byte));
  if (found) return found[0];
  const text = Buffer.from(head.subarray(0, 10)).toString('latin1');
  if (isBzip2(text)) return 'bzip2';
  return isSkippableZstd(text) ? 'zstd' : undefined;
}
