import { pointer as pointerOf } from '../base/pointer.ts';

/** Where a list was cut to a part of it, and where that part began. */
type Starts = ReadonlyMap<string, number>;

/** A value that fails where another did, with lists so short that every fault of it can be told. */
export interface Shrunk {
  value: unknown;
  starts: Starts;
  /** The list that is at fault by its length alone, and how long it may be. */
  tooLong?: { pointer: string; most: number };
}

type Fails = (value: unknown) => boolean;
type Holder = Record<string, unknown>;

/** Lists up to this are told of whole. */
const SHORT = 16;
/** Values up to so many objects, lists and elements are. */
const FEW = 300;

function isLarge(value: unknown): boolean {
  let left = FEW;
  const count = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    for (const inner of Object.values(one)) if (left-- > 0) count(inner);
  };
  count(value);
  return left <= 0;
}

const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copied(one)]));
};

/** The greatest length at which the list passes, where its whole fails and neither half does. */
function mostOf(list: readonly unknown[], failsWith: (part: unknown[]) => boolean): number {
  let [passes, fails] = [0, list.length];
  while (fails - passes > 1) {
    const middle = (passes + fails) >> 1;
    if (failsWith(list.slice(0, middle))) fails = middle;
    else passes = middle;
  }
  return passes;
}

/** Halves the lists of a failing value, from the outermost on, as long as it still fails. A check is fast, finding all faults is not. */
export function shrink(given: unknown, fails: Fails): Shrunk {
  const starts = new Map<string, number>();
  if (!isLarge(given)) return { value: given, starts };
  const root: Holder = { value: copied(given) };
  let tooLong: Shrunk['tooLong'];

  /** Leaves a failing part of the list in its place. */
  function cut(holder: Holder, key: string, pointer: string): void {
    const list = holder[key] as unknown[];
    const failsWith = (part: unknown[]) => {
      holder[key] = part;
      return fails(root.value);
    };
    let [start, end] = [0, list.length];
    while (end - start > SHORT) {
      const middle = (start + end) >> 1;
      if (failsWith(list.slice(start, middle))) end = middle;
      else if (failsWith(list.slice(middle, end))) start = middle;
      else {
        tooLong = { pointer, most: mostOf(list, failsWith) };
        return;
      }
    }
    holder[key] = list.slice(start, end);
    starts.set(pointer, start);
  }

  function walk(holder: Holder, key: string, pointer: string): void {
    if (Array.isArray(holder[key])) cut(holder, key, pointer);
    const value = holder[key];
    if (tooLong || typeof value !== 'object' || value === null) return;
    for (const name of Object.keys(value)) walk(value as Holder, name, pointer + pointerOf(name));
  }

  walk(root, 'value', '');
  return { value: root.value, starts, ...(tooLong ? { tooLong } : {}) };
}

/** A pointer into the value that was given, of one into what was left of it. */
export function widened(pointer: string, starts: Starts): string {
  let [shrunk, wide] = ['', ''];
  for (const part of pointer.split('/').slice(1)) {
    const start = starts.get(shrunk);
    wide += `/${start === undefined ? part : Number(part) + start}`;
    shrunk += `/${part}`;
  }
  return wide;
}
