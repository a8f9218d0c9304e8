/** What a parameter of a statement may be. */
export type Param = string | number | bigint | boolean | null;

/** SQL text with its placeholders, and the parameters in their order. */
export interface Statement {
  text: string;
  params: Param[];
}
