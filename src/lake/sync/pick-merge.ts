/** Below a size of these, so many files of a dataset are made one. Each row is so written few times, and the number of files stays small. */
const TIERS: readonly { below: number; files: number }[] = [
  { below: 1 << 20, files: 8 },
  { below: 16 << 20, files: 8 },
  { below: 256 << 20, files: 8 },
];
/** A merged file is no larger. */
const MOST_BYTES = 1 << 30;

/** Indexes of the files that should be made one, in their order; none where all is well. */
export function pickMerge(sizes: readonly number[]): number[] {
  for (const { below, files } of TIERS) {
    const small = sizes.flatMap((size, index) => (size < below ? [index] : []));
    if (small.length < files) continue;
    let total = 0;
    const picked = small.filter((index) => {
      total += sizes[index]!;
      return total <= MOST_BYTES;
    });
    if (picked.length >= 2) return picked;
  }
  return [];
}
