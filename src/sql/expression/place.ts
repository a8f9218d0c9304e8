import { AppError, type Code } from '../../base/errors.ts';

/** Where an expression stands: its text, and the pointer to it in the request. */
export interface Place {
  readonly text: string;
  readonly pointer: string;
}

/** An error at a place of the expression; `params.position` counts characters from 1. */
export function fault(
  code: Code,
  at: number,
  detail: string,
  { text, pointer }: Place,
  params: Record<string, unknown> = {},
): AppError {
  const position = [...text.slice(0, at)].length + 1;
  return new AppError(code, `${detail} (at character ${position} of the expression)`, {
    pointer,
    params: { position, ...params },
  });
}
