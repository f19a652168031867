/** Milliseconds between two reports: a person cannot read faster. */
const PAUSE = 200;

/** Files that a pass has worked off, and all that it has to: each is read for its digest and, for a whole egg, packed. */
export interface Work {
  done: number;
  total: number;
}

/** How far one pass over a library has come. Told at the beginning of each part, and then now and then. */
export class Progress {
  /** Null while nothing that takes long is going on. */
  work: Work | null = null;
  private before = 0;
  private toldAt = -Infinity;

  constructor(
    private readonly tell: () => void,
    private readonly now: () => number = () => performance.now()
  ) {}

  /**
   * @param read files of which the digest is made, so far
   * @param later files that will be packed after that
   */
  reading(read: number, files: number, later: number): void {
    this.before = files;
    this.advance(read, files + later);
  }

  packing(packed: number, files: number): void {
    this.advance(this.before + packed, this.before + files);
  }

  end(): void {
    this.work = null;
    this.before = 0;
    this.toldAt = -Infinity;
  }

  private advance(done: number, total: number): void {
    const isFirst = this.work === null;
    this.work = { done: Math.floor(done), total };
    const now = this.now();
    if (isFirst || now - this.toldAt >= PAUSE) {
      this.toldAt = now;
      this.tell();
    }
  }
}
