/** What a word or sign behind a figure makes of it, as texts in the languages of most users have it. */
const SCALE_WORDS: readonly (readonly [scale: number, words: string])[] = [
  [1e3, 'k thousand tsd tausend mille mil mila tys tis тыс тысяч тысячи ألف آلاف bin duizend tusen tusind'],
  [1e4, '万 萬 만'],
  [1e5, 'lakh lakhs'],
  [
    1e6,
    'm mn mln mio million millions millionen milione milioni millón millones milhão milhões miljoen miljoner млн миллион миллиона миллионов مليون ملايين milyon 百万 백만',
  ],
  [1e7, 'crore crores'],
  [1e8, '億 亿 억'],
  [
    1e9,
    'b bn bln billion billions mrd mld md mds milliard milliards milliarde milliarden miliardo miliardi bilhão bilhões mil_millones mil_milhões miljard miljarder млрд миллиард миллиарда миллиардов مليار milyar 十億',
  ],
  [1e12, 'tn trn trillion trillions billionen billones billón 兆 조'],
];

const PERCENT_WORDS =
  '% percent per_cent pct prozent pour_cent por_ciento por_cento procent процент процента процентов بالمئة بالمائة パーセント 퍼센트';

const listed = (words: string) => words.split(' ').map((word) => word.replaceAll('_', ' '));

export const SCALES: ReadonlyMap<string, number> = new Map(
  SCALE_WORDS.flatMap(([scale, words]) => listed(words).map((word) => [word, scale] as const)),
);
export const PERCENTS: ReadonlySet<string> = new Set(listed(PERCENT_WORDS));
/** Behind a space these may be another unit, such as metres. */
export const AMBIGUOUS: ReadonlySet<string> = new Set(['k', 'm', 'b', 'md', 'bin', 'mil']);

/** A pattern of any of the words: the longest first, whole words where the script parts words. */
export function anyOfWords(): string {
  const words = [...SCALES.keys(), ...PERCENTS].sort((a, b) => b.length - a.length);
  const isParted = (word: string) =>
    /[\p{L}]/u.test(word) && !/[\p{Script=Han}\p{Script=Hangul}\p{Script=Katakana}]/u.test(word);
  return words.map((word) => (isParted(word) ? `${word}(?![\\p{L}\\p{M}\\p{N}])` : word)).join('|');
}
