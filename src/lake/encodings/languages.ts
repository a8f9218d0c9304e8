/**
 * How often letters past ASCII come in texts of a language, of 10,000 letters; those that are not listed hardly ever do. Of scripts other than
 * Latin, every letter is past ASCII. Figures are rounded from published letter frequencies.
 */
export interface Language {
  name: string;
  /** Natural logarithm of how much likelier files in it are than in the others. */
  prior: number;
  letters: string;
  /** Letters that hardly ever stand but at the end of a word. */
  final?: string;
}

/** Western Europe, read by windows-1252. */
export const WESTERN: readonly Language[] = [
  { name: 'English', prior: 0, letters: 'é5 è1 ï1 ö1 ç1 ñ1 ü1 á1 í1 ó1 ê1 â1 à1 ä1 ô1 ø1 å1' },
  {
    name: 'French',
    prior: 0,
    letters: 'é190 à49 è27 ê22 ç9 â5 î5 û6 ô5 ù6 ï1 ë2 œ2 æ1 ü1 ÿ1 ñ1 ö1 á1',
  },
  { name: 'German', prior: 0, letters: 'ä58 ö44 ü100 ß31 é2 è1 à1 ê1 ç1 á1' },
  { name: 'Spanish', prior: 0, letters: 'ó83 í72 á50 é43 ñ31 ú17 ü2 ç1 ª2 º3 à1 è1 ö1' },
  {
    name: 'Portuguese',
    prior: -0.2,
    letters: 'ã73 ç53 á45 é34 ê30 ó30 í20 õ20 â15 ú13 à8 ô10 ü1 ª3 º5 ñ1 è1 ö1',
  },
  {
    name: 'Italian',
    prior: -0.2,
    final: 'àèìòùé',
    letters: 'à63 è50 é15 ì15 ò25 ù17 î1 í1 ó1 º2 ª2 ü1 ö1 ç1 ä1',
  },
  { name: 'Dutch', prior: -0.7, letters: 'ë15 é12 ï5 è2 ó3 ö2 ü3 ê1 ç1 á1 à1 ä1' },
  { name: 'Danish and Norwegian', prior: -0.4, letters: 'å130 ø95 æ75 é4 ö2 ü2 ä2 ò2 ô1 è1 á1' },
  { name: 'Swedish and Finnish', prior: -0.3, letters: 'ä220 ö120 å90 é5 ü3 à1 ø2 á1 æ1 š1 ž1' },
  { name: 'Icelandic', prior: -2.2, letters: 'ð240 á180 í157 þ130 ö90 æ90 ó99 ú61 é65 ý23 ü1 å1' },
  { name: 'Catalan', prior: -1.5, letters: 'à70 è50 é60 í80 ó70 ò40 ú25 ç20 ï10 ü5 ñ1 ·10 º1 ª1' },
  {
    name: 'of the West',
    prior: -0.8,
    letters:
      'é60 è12 à18 ä30 ö35 ü40 ß10 ó25 í22 á25 ñ12 ú8 ç10 ã10 ê6 â4 ô4 å15 ø12 æ8 õ3 ë4 ï2 î2 û1 ù3 ò4 ì2 œ1 ð1 þ1 ý1',
  },
];

/** Central Europe, read by windows-1250 and ISO-8859-2. */
export const CENTRAL: readonly Language[] = [
  {
    name: 'Czech',
    prior: -0.5,
    letters: 'í300 á220 ě150 é130 č95 ř110 š80 ž95 ý95 ů65 ú12 ň8 ť4 ď3 ó4 ö2 ü2 ä1 ľ1',
  },
  {
    name: 'Slovak',
    prior: -1,
    letters: 'á200 í140 č115 é80 š95 ý95 ž85 ľ35 ť75 ú85 ô20 ň25 ó20 ď30 ä12 ĺ2 ŕ2 ě1 ö1 ü1 ř1',
  },
  { name: 'Polish', prior: -0.2, letters: 'ł210 ą95 ę105 ó110 ś80 ż75 ć65 ń38 ź10 é1 ö1 ü1 č1 š1' },
  { name: 'Hungarian', prior: -0.6, letters: 'á340 é390 ö100 ó100 ő95 ü60 í60 ú35 ű20 ä1' },
  { name: 'Romanian', prior: -0.8, letters: 'ă400 î120 â90 ş150 ţ110 é1 ö1 á1' },
  { name: 'Croatian and Slovene', prior: -0.7, letters: 'č110 š95 ž60 ć70 đ25 é1 ö1 ü1' },
  {
    name: 'of Central Europe',
    prior: -3.5,
    letters:
      'á110 é90 í80 č60 š60 ž50 ł40 ó40 ö40 ü40 ä20 ą15 ę15 ý25 ř15 ě15 ő12 ś12 ż12 ć20 ń8 ă30 ş12 ţ10 î8 â8 ú20 ů10 ľ5 ť8 ň5 ď4 đ4 ź2 ű4 ô4 ß5',
  },
];

/** Read by windows-1254 and ISO-8859-9. */
export const TURKISH: readonly Language[] = [
  { name: 'Turkish', prior: -0.4, letters: 'ı510 ü185 ş178 ğ113 ç116 ö78 İ80 â4 î1 û1 é1' },
];

/** Read by windows-1257 and ISO-8859-13. */
export const BALTIC: readonly Language[] = [
  { name: 'Lithuanian', prior: -1.2, letters: 'ė160 š140 ų130 ž85 į60 ą75 ū50 č45 ę25 é1' },
  { name: 'Latvian', prior: -1.2, letters: 'ā400 ī180 ē180 š110 ņ60 ū50 ļ45 ž30 ķ20 č15 ģ13 õ1 ö1' },
  { name: 'Estonian', prior: -1.6, letters: 'ä110 õ100 ü70 ö20 š3 ž2 é1' },
];

export const GREEK: readonly Language[] = [
  {
    name: 'Greek',
    prior: -0.4,
    letters:
      'α950 ο800 ι720 ε650 τ800 σ500 ν650 η450 υ380 ρ430 π400 κ410 μ330 λ290 ς400 ω150 ά200 ί280 ό230 έ180 ή180 ύ100 ώ100 γ180 δ180 θ130 χ120 φ100 β70 ξ50 ζ40 ψ15 ϊ6 ΐ2 ϋ2 ΰ1',
  },
];

export const CYRILLIC: readonly Language[] = [
  {
    name: 'Russian',
    prior: -0.2,
    letters:
      'о1097 е845 а801 и735 н670 т626 с547 р473 в454 л440 к349 м321 д298 п281 у262 я201 ы190 ь174 г170 з165 б159 ч144 й121 х97 ж94 ш73 ю64 ц48 щ36 э32 ф26 ъ4 ё8 №2',
  },
  {
    name: 'Ukrainian',
    prior: -0.8,
    letters:
      'о940 а830 н680 и610 і570 т550 в520 р450 е490 с420 л380 к350 у340 д320 м290 п280 я230 з220 ь180 б170 г160 ч130 й120 х110 ц100 ж80 ї70 ш70 ю80 є60 щ30 ф30 ґ1 ё1',
  },
  {
    name: 'Bulgarian',
    prior: -0.8,
    letters:
      'а1170 и890 о870 е870 т700 н720 р490 с470 в460 д330 л330 к320 п280 м230 з210 г170 я160 ъ160 у160 б150 ч140 ж70 х70 ц70 щ60 ш40 й70 ф30 ю20 ь3',
  },
  {
    name: 'Serbian and Macedonian',
    prior: -1.2,
    letters:
      'а1150 и950 о940 е900 н570 р500 с490 т450 ј400 у350 в370 д360 к360 м340 л340 п280 з180 г170 б160 ш90 ч90 ц90 њ80 ћ50 ж60 љ50 х60 ђ25 ф40 џ5 ќ5 ѓ3 ѕ1 ѓ3',
  },
  {
    name: 'Belarusian',
    prior: -1.8,
    letters:
      'а1450 н600 і650 р480 е450 т450 с480 о350 л370 к390 у380 в320 д320 м290 п290 я400 ы350 з300 ь200 г170 б170 ч140 й100 х100 ж80 ш70 ю70 ц250 э130 ф20 ў140 ё50',
  },
];

export const HEBREW: readonly Language[] = [
  {
    name: 'Hebrew',
    prior: -0.8,
    letters:
      'י1110 ו1040 ה1090 ל740 א630 ר560 ת500 ב470 ש440 מ460 ם300 נ290 ע320 ד260 ח250 ק210 פ170 כ240 ג120 ס150 ט120 ן130 צ120 ז130 ך80 ף20 ץ10',
  },
];

export const ARABIC: readonly Language[] = [
  {
    name: 'Arabic',
    prior: -0.6,
    letters:
      'ا1600 ل1200 ي650 م650 و600 ن650 ر500 ت400 ب400 ه400 ة300 د300 ع350 س270 ف300 ك200 ق250 أ200 ح200 ج130 ش100 ص100 ط100 خ100 ض70 ى120 إ100 ذ80 ز70 ث70 ئ50 غ50 ظ20 ء50 ؤ10 آ10 پ5 گ5 چ3 ،20',
  },
];

export const THAI: readonly Language[] = [
  {
    name: 'Thai',
    prior: -0.8,
    letters:
      'า700 น700 ร660 อ530 ก530 เ500 ง450 ่420 ั360 ม340 ย330 ล280 ว300 ้300 ด240 ี250 ท240 ส220 ต220 ะ200 ป190 บ190 ิ200 ค180 ห200 แ160 จ130 พ130 ช110 ข100 ใ90 ไ100 โ70 ื90 ุ110 ู90 ์120 ณ40 ผ50 ธ50 ซ40 ถ60 ศ50 ญ30 ภ30 ฐ20 ฟ20 ำ60 ็40 ึ40 ฤ5 ษ20 ฝ10 ฉ10 ฮ10 ฆ2 ฎ5 ๆ10',
  },
];
