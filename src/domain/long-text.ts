/** A field's text is taken to have so many bytes; where that bounds what an expression makes, longer ones are an error when it runs. */
export const FIELD_BYTES = 2048;

/** What that error says on every engine, so that drivers know it. */
export const TOO_LONG = 'EXPRESSION_MAX_VALUE_BYTES';
