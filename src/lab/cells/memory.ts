import type { IStateDB } from '@jupyterlab/statedb';

import type { CellRuns } from '../../protocol';

/** A line of a library's file. */
export interface IPlace {
  readonly file: string;
  readonly line: number | null;
}

/** What is known of a cell's last run. */
export interface ICellRun {
  /** Library name to version; null where the cell used no library. */
  readonly versions: Readonly<Record<string, string>> | null;
  /** Number in the prompt. */
  readonly count: number;
  /** Whether the gate refused it. */
  readonly refused: boolean;
  /** The kernel's life that it ran in. */
  readonly session: string;
  /** Tells the code that ran from other code; missing where it was not seen. */
  readonly source?: string;
  /** It used a library before autoegg was loaded: its version is unknown. */
  readonly early?: boolean;
  /** What it was refused for. */
  readonly place?: IPlace;
}

/** What identifies a cell of the notebook if the kernel got no id. */
export interface INumberedCell {
  readonly id: string;
  readonly count: number;
  /** Makes a print of its code. */
  readonly source: () => string;
}

const KEY = 'jupyterlab-autoegg:cells:';
/** Cells of one notebook that are remembered. */
const MOST = 2000;
/** Milliseconds after a change until it is kept. */
const DELAY = 500;

/**
 * The last run of each cell of one notebook. The kernel knows it for as long as it lives; what it has forgotten, with the
 * outputs still there, is kept in the workspace.
 */
export class CellMemory {
  constructor(
    path: string,
    private readonly store: IStateDB | null
  ) {
    this._key = KEY + path;
    this.ready = this._load();
  }

  readonly ready: Promise<void>;

  get(cell: string): ICellRun | null {
    return this._runs.get(cell) ?? null;
  }

  /** Takes over what the kernel says; `place` is what it refuses cells for now. Returns the cells of which it says something new. */
  take(
    { session, codes, cells }: CellRuns,
    sourceOf: (cell: string) => string | undefined = () => undefined,
    place: IPlace | null = null
  ): string[] {
    const news: string[] = [];
    for (const [id, { code, count, refused }] of Object.entries(cells)) {
      const known = this._runs.get(id);
      if (known?.session !== session || known.count !== count || known.refused !== refused) {
        const versions = code === null ? null : codes[code];
        const source = sourceOf(id);
        const why = refused && place ? { place } : {};
        this._set(id, { versions, count, refused, session, source, ...why });
        news.push(id);
      }
    }
    return news;
  }

  /**
   * Applies what the kernel says about runs without a cell id to those of `cells` that show such a run: the same number
   * and the same code, since numbers restart with each kernel. Returns the cells about which it says something new.
   */
  match({ session, codes, numbered }: CellRuns, cells: Iterable<INumberedCell>): string[] {
    const runs = new Map(numbered?.map(run => [run.count, run]));
    const news: string[] = [];
    for (const { id, count, source } of runs.size ? cells : []) {
      const run = runs.get(count);
      const known = this._runs.get(id);
      const isNews = known?.session !== session || known.count !== count;
      if (run && isNews && run.source === source()) {
        const { code, refused, early } = run;
        const versions = code === null ? null : codes[code];
        this._set(id, { versions, count, refused, session, source: run.source, early });
        news.push(id);
      }
    }
    return news;
  }

  /** A copy of a cell shows what that cell's run gave. */
  copy(count: number, to: string): void {
    const run = [...this._runs.values()].reverse().find(other => other.count === count);
    if (run && !this._runs.has(to)) {
      this._set(to, run);
    }
  }

  /** What a notebook's file says of a cell, where nothing newer is known. */
  recall(cell: string, versions: Record<string, string>, count: number): void {
    if (!this._runs.has(cell)) {
      this._set(cell, { versions, count, refused: false, session: '' });
    }
  }

  /** The notebook has another path now, where the same is known; what was kept stays, for it may have been saved as another file. */
  move(path: string): void {
    this._save();
    this._key = KEY + path;
    this._save();
  }

  dispose(): void {
    if (this._timer) {
      clearTimeout(this._timer);
      this._save();
    }
  }

  private _set(cell: string, run: ICellRun): void {
    this._runs.delete(cell);
    this._runs.set(cell, run);
    this._timer ??= setTimeout(() => {
      this._timer = null;
      this._save();
    }, DELAY);
  }

  private async _load(): Promise<void> {
    try {
      const kept = (await this.store?.fetch(this._key)) as Record<string, ICellRun> | undefined;
      for (const [id, run] of Object.entries(kept ?? {})) {
        if (!this._runs.has(id)) {
          this._runs.set(id, run);
        }
      }
    } catch {
      // Another workspace's, or damaged: the kernel still knows.
    }
  }

  private _save(): void {
    const kept = Object.fromEntries([...this._runs].slice(-MOST));
    void this.store?.save(this._key, kept as never).catch(() => undefined);
  }

  private _key: string;
  private readonly _runs = new Map<string, ICellRun>();
  private _timer: ReturnType<typeof setTimeout> | null = null;
}
