/** Each class is so many times as large as the one below it; so each row is written again but a few times. */
const CLASS_FACTOR = 8;
const SMALLEST_CLASS = 64 << 10;
const CLASSES = 5;

/** 0 for the smallest files, one more for each eight times as large; undefined for those that are large enough. */
function classOf(size: number): number | undefined {
  for (let n = 0; n < CLASSES; n++) if (size < SMALLEST_CLASS * CLASS_FACTOR ** n) return n;
  return undefined;
}

/** A merged file is no larger. */
const MOST_BYTES = 1 << 30;

/** Indexes of the files that should be made one, in their order: those of a size class that has `atLeast` of them; none where all is well. */
export function pickMerge(sizes: readonly number[], atLeast: number): number[] {
  for (let n = 0; n < CLASSES; n++) {
    const alike = sizes.flatMap((size, index) => (classOf(size) === n ? [index] : []));
    if (alike.length < atLeast) continue;
    let total = 0;
    const picked = alike.filter((index) => {
      total += sizes[index]!;
      return total <= MOST_BYTES;
    });
    if (picked.length >= 2) return picked;
  }
  return [];
}
