const DIGITS = '([0-9]{1,35}([.][0-9]{0,30})?|[.][0-9]{1,30})';

/** Texts that are cast, as regular expressions that every engine with such reads alike; they match the whole text. */
export const SHAPES = {
  whole: '[+-]?0*[0-9]{1,38}',
  decimal: `[+-]?${DIGITS}`,
  float: `[+-]?${DIGITS}([eE][+-]?[0-9]{1,2})?`,
  /** The day of the month is yet to be checked. */
  date: '(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])',
  clock: '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?',
} as const;

export const TIMESTAMP_SHAPE = `${SHAPES.date}([ T]${SHAPES.clock})?`;
