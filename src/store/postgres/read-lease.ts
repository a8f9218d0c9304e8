/** How long another process's write may go unseen by what is kept of the metadata; those of this process are seen at once. */
const LEASE_MS = 100;

/** Says how long what was read from a server may be kept: there is no cheap way to ask it whether anything changed. */
export class ReadLease {
  #writing = 0;
  #writes = 0;

  constructor(readonly now: () => number = () => performance.now()) {}

  /** A write of this process begins; gives what says that it has ended. */
  write(): () => void {
    this.#writing++;
    return () => {
      this.#writing--;
      this.#writes++;
    };
  }

  /** See `Marked`. */
  mark(): string | undefined {
    if (this.#writing > 0) return undefined;
    return `${this.#writes} ${Math.floor(this.now() / LEASE_MS)}`;
  }
}
