import Type from 'typebox';

/** A name that a person gives: 1 to 200 characters, none of them a control character, no space at either end. */
export const Name = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^(?!\\s)[^\\u0000-\\u001f\\u007f]*(?<!\\s)$',
});

/** The name of a field in a source, or of a column in an answer. */
export const FieldName = Type.String({ minLength: 1, maxLength: 500 });
