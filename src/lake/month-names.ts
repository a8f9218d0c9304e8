import { literal } from './sql-text.ts';

/** The months of each language in `fold`ed form, January first; abbreviations that are no beginning of the name follow after a bar. */
const NAMES: Readonly<Record<string, string>> = {
  en: 'january february march april may june july august september october november december',
  de: 'januar|jaenner|janner februar|feber marz|maerz|mrz april mai juni juli august september oktober november dezember',
  fr: 'janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre',
  it: 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
  pt: 'janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro',
  nl: 'januari februari maart|mrt april mei juni juli augustus september oktober november december',
  pl: 'styczen|stycznia luty|lutego marzec|marca kwiecien|kwietnia maja czerwiec|czerwca lipiec|lipca sierpien|sierpnia wrzesien|wrzesnia pazdziernika listopada grudzien|grudnia',
  tr: 'ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik',
  ru: 'январь|января февраль|февраля марта апрель|апреля маи|мая июнь|июня июль|июля августа сентябрь|сентября октябрь|октября ноябрь|ноября декабрь|декабря',
  cs: 'leden|ledna unora brezen|brezna duben|dubna kveten|kvetna cerven|cervna|cvn cervenec|cervence|cvc srpen|srpna zari rijen|rijna listopadu prosinec|prosince',
  sk: 'januara februara marec|marca aprila maja juna jula augusta september|septembra oktober|oktobra november|novembra december|decembra',
  sv: 'januari februari mars april maj juni juli augusti september oktober november december',
  da: 'januar februar marts april maj juni juli august september oktober november december',
  nb: 'januar februar mars april mai juni juli august september oktober november desember',
  fi: 'tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta',
  ro: 'ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie',
  hu: 'januar februar marcius aprilis majus junius julius augusztus szeptember oktober november december',
  uk: 'січень|січня лютии|лютого березень|березня квітень|квітня травень|травня червень|червня липень|липня серпень|серпня вересень|вересня жовтень|жовтня листопада грудень|грудня',
  el: 'ιανουαριου|ιανουαριοσ φεβρουαριου|φεβρουαριοσ μαρτιου|μαρτιοσ απριλιου|απριλιοσ μαιου|μαιοσ ιουνιου|ιουνιοσ ιουλιου|ιουλιοσ αυγουστου|αυγουστοσ σεπτεμβριου|σεπτεμβριοσ οκτωβριου|οκτωβριοσ νοεμβριου|νοεμβριοσ δεκεμβριου|δεκεμβριοσ',
};

const SHORTEST = 3;

/** A word as month names are compared: lower case, no accents. Gives what `folded` gives in SQL. */
export const fold = (text: string) =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ı', 'i').replaceAll('ς', 'σ');

/** `fold` in SQL. */
export const folded = (text: string) => `translate(lower(strip_accents(${text})), 'ıς', 'iσ')`;

const monthsOf = (names: string): string[][] => names.split(' ').map((each) => each.split('|'));

/** The beginnings of a language's names that no other of its months shares. */
function beginningsOf(names: string): [string, number][] {
  const found = new Map<string, number | undefined>();
  for (const [index, words] of monthsOf(names).entries())
    for (const word of words)
      for (let length = SHORTEST; length < word.length; length++) {
        const beginning = word.slice(0, length);
        const isShared = found.has(beginning) && found.get(beginning) !== index + 1;
        found.set(beginning, isShared ? undefined : index + 1);
      }
  return [...found].flatMap(([word, month]): [string, number][] =>
    month === undefined ? [] : [[word, month]],
  );
}

/** Whole names come before beginnings, and languages in the order of the table: `mar` is March, though a Finnish November begins so. */
function monthsByWord(): ReadonlyMap<string, number> {
  const months = new Map<string, number>();
  const add = (word: string, month: number) => {
    if (!months.has(word)) months.set(word, month);
  };
  for (const names of Object.values(NAMES))
    for (const [index, words] of monthsOf(names).entries()) for (const word of words) add(word, index + 1);
  for (const names of Object.values(NAMES))
    for (const [beginning, month] of beginningsOf(names)) add(beginning, month);
  return months;
}

/** Month numbers by folded word: names, short names and beginnings of names in every language. */
export const MONTHS = monthsByWord();

const wordsOf = (month: number) =>
  [...MONTHS].flatMap(([word, number]) => (number === month ? [word] : [])).join('|');

const CASES = Array.from(
  { length: 12 },
  (_, i) => [literal(wordsOf(i + 1)), `'${String(i + 1).padStart(2, '0')}'`] as const,
);

/** The month of a folded word, as two digits; null where it names none. */
export const monthOfWord = (word: string) =>
  `CASE ${CASES.map(([words, month]) => `WHEN regexp_full_match(${word}, ${words}) THEN ${month}`).join(' ')} END`;
