/** Lead bytes from, to; trail bytes from, to; of how many characters such a pair is one. */
type Pairs = readonly [number, number, number, number, number];

interface MultiByte {
  name: string;
  prior: number;
  pairs: readonly Pairs[];
  /** Bytes that are characters by themselves, as the lead bytes of a pair. */
  singles?: readonly [number, number, number];
}

/** Common characters stand together in each of these; what they leave out is rare, or no character. */
const ENCODINGS: readonly MultiByte[] = [
  {
    name: 'Shift_JIS',
    prior: -1.5,
    singles: [0xa1, 0xdf, 5000],
    pairs: [
      [0x82, 0x82, 0x9f, 0xf1, 90],
      [0x83, 0x83, 0x40, 0x96, 120],
      [0x81, 0x81, 0x40, 0xfc, 200],
      [0x82, 0x82, 0x4f, 0x9a, 600],
      [0x88, 0x97, 0x40, 0xfc, 2500],
      [0x98, 0x9f, 0x40, 0xfc, 100_000],
      [0xe0, 0xea, 0x40, 0xfc, 100_000],
    ],
  },
  {
    name: 'EUC-JP',
    prior: -2,
    pairs: [
      [0xa4, 0xa4, 0xa1, 0xf3, 90],
      [0xa5, 0xa5, 0xa1, 0xf6, 120],
      [0xa1, 0xa1, 0xa1, 0xfe, 200],
      [0xa3, 0xa3, 0xa1, 0xfe, 600],
      [0xb0, 0xcf, 0xa1, 0xfe, 2500],
      [0xd0, 0xf4, 0xa1, 0xfe, 100_000],
      [0x8e, 0x8e, 0xa1, 0xdf, 10_000],
    ],
  },
  {
    name: 'GB18030',
    prior: -1.5,
    pairs: [
      [0xb0, 0xd7, 0xa1, 0xfe, 1500],
      [0xa1, 0xa3, 0xa1, 0xfe, 200],
      [0xd8, 0xf7, 0xa1, 0xfe, 50_000],
      [0x81, 0xa0, 0x40, 0xfe, 300_000],
      [0xaa, 0xfe, 0x40, 0xa0, 300_000],
    ],
  },
  {
    name: 'Big5',
    prior: -1.5,
    pairs: [
      [0xa4, 0xc6, 0x40, 0x7e, 2000],
      [0xa4, 0xc6, 0xa1, 0xfe, 2000],
      [0xa1, 0xa3, 0x40, 0xfe, 200],
      [0xc9, 0xf9, 0x40, 0xfe, 50_000],
    ],
  },
  {
    name: 'EUC-KR',
    prior: -1.5,
    pairs: [
      [0xb0, 0xc8, 0xa1, 0xfe, 700],
      [0xa1, 0xa2, 0xa1, 0xfe, 300],
      [0xca, 0xfd, 0xa1, 0xfe, 100_000],
      [0x81, 0xc6, 0x41, 0xa0, 200_000],
    ],
  },
];

const NO_CHARACTER = Math.log(1e-9);

export interface Fit {
  name: string;
  prior: number;
  /** The natural logarithm of the likelihood of a byte past ASCII. */
  fit: number;
}

function fitOf(bytes: Uint8Array, { name, prior, pairs, singles }: MultiByte): Fit {
  let [sum, count] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at]!;
    if (lead < 128) continue;
    const trail = bytes[at + 1] ?? 0;
    const pair = pairs.find(
      ([from, to, low, high]) => lead >= from && lead <= to && trail >= low && trail <= high,
    );
    count++;
    if (pair) {
      sum -= Math.log(pair[4]);
      at++;
      if (trail > 127) count++;
    } else if (singles && lead >= singles[0] && lead <= singles[1]) sum -= Math.log(singles[2]);
    else sum += NO_CHARACTER;
  }
  return { name, prior, fit: sum / Math.max(1, count) };
}

/** How well a text is one of China, Japan or Korea, in each of their encodings. */
export const multiByteFits = (bytes: Uint8Array): Fit[] =>
  ENCODINGS.map((encoding) => fitOf(bytes, encoding));
