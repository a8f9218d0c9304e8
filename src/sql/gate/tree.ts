/** A part of the parser's tree: an object, or a list of them. */
export type Node = Readonly<Record<string, unknown>>;

export const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

export const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

export function nameOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isNode(value) && typeof value.name === 'string' ? value.name : null;
}
