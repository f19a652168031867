/**
 * Kernel → browser, on the comm `autoegg`: what the driver and Spark's workers of one notebook run.
 *
 * The browser opens the comm; the kernel answers with a {@link KernelState} at once and after every change. Actions go
 * the other way as `user_expressions` of an empty silent execute request, so that they wait for the running cell:
 * `__import__("autoegg").kernel.actions.ship()` and its siblings (see {@link KernelAction}), each of which returns an
 * {@link ActionResult} under the MIME type `application/json`.
 */
import type { GitMark, LibraryKind } from './library';

export interface KernelState {
  protocol: number;
  /** Master switch: off, the shim does nothing. */
  enabled: boolean;
  reshipOnSave: boolean;
  /** Whether these two have been chosen since the kernel started; a page that opens the notebook later leaves them alone then. */
  configured: boolean;
  spark: {
    kind: 'none' | 'starting' | 'classic' | 'connect';
    application: string | null;
    master: string | null;
    /** Address of Spark's own user interface; null where there is none. */
    web: string | null;
    /** The version of PySpark; null where it is not imported. */
    version?: string | null;
  };
  /** The version of the kernel's Python. */
  python?: string;
  /** Counts every change of what the session runs. */
  generation: number;
  /** `fallback`: no daemon; the shim checks the disk by itself and cannot ship. */
  daemon: { condition: 'connected' | 'fallback'; message: string | null };
  libraries: KernelLibrary[];
  /** Libraries that a person has taken off the list. */
  removed: { name: string; path: string }[];
  /** Contents that arrive from the Jupyter server for a cell that waits, if that takes long; the kernel runs behind a gateway then. */
  receiving: { library: string; done: number; total: number } | null;
  /** Why the last cell was refused, in one line; null once a cell has run again. */
  refusal: KernelFailure | null;
  /** What the newest reload of the driver did; null before the first. */
  lastReload?: KernelReload | null;
  runs: CellRuns;
  /** What Spark's living worker processes last ran, those that ran a task last at the end. Empty with Spark Connect. */
  workers: WorkerGroup[];
  /** Data that Spark keeps because the notebook asked for it. */
  cached: CachedData[];
}

/** One reload of the driver, as `%autoegg log` shows it. */
export interface KernelReload {
  /** ISO time. */
  at: string;
  milliseconds: number;
  /** What a person should read about it, in sentences; empty when nothing is surprising. */
  lines: string[];
  /** What happened (`new code`, `names that are gone`, …) and the names of what it happened to. */
  details: Record<string, string[]>;
}

/** On which code each cell of the notebook ran last in this kernel. */
export interface CellRuns {
  /** Another one for each life of a kernel. */
  session: string;
  /** Sets of versions (library name to version) that cells ran on. */
  codes: Record<string, string>[];
  /** Cell id → its last run. */
  cells: Record<string, CellRun>;
  /** Runs of cells without a cell id. */
  numbered?: NumberedRun[];
}

export interface CellRun {
  /** Index in `codes`; null where the cell used no library, or did not run. */
  code: number | null;
  /** Number that stood in the prompt. */
  count: number;
  /** Whether the gate refused it. */
  refused: boolean;
}

/** A run that its number and its code tell from others. */
export interface NumberedRun extends CellRun {
  /** A print of the code that ran (`printOf` in `src/lab/cells/print.ts`, `print_of` in `kernel/cells.py`). */
  source: string;
  /** It used a library before autoegg was loaded: its version is unknown. */
  early: boolean;
}

/** Worker processes of one executor that ran the same. */
export interface WorkerGroup {
  /** Null where Spark has not been asked for it; `driver` in local mode. */
  executor: string | null;
  host: string;
  processes: number;
  /** Library name to the first 16 digits of the version that the last finished task ran. */
  versions: Record<string, string>;
  /** When the last task finished (ISO 8601, UTC). */
  at: string;
}

export interface CachedData {
  /** Spark's number of the RDD that holds it. */
  id: number;
  kind: 'rdd' | 'dataframe';
  /** The notebook's name for it, else Spark's. */
  name: string;
  /** Whether a variable of the notebook refers to it, so that it can be recomputed. */
  named: boolean;
  memoryBytes: number;
  diskBytes: number;
  partitions: number;
  /** Library name to the version when the data was first seen to be there. */
  versions: Record<string, string>;
}

export interface KernelLibrary {
  name: string;
  kind: LibraryKind;
  path: string;
  /** The daemon's key, null without a daemon. */
  library: string | null;
  enabled: boolean;
  /** Version that the driver runs; null before the first barrier. */
  version: string | null;
  files: number;
  bytes: number;
  /**
   * `current`: driver and Spark (if any) run `version`. `waiting`: newer code is on disk, the next cell
   * switches. `shipping`: eggs are on their way. `broken`: the code on disk is refused. `paused`: switched off. `pinned`:
   * held at an older version until it is released.
   */
  condition: 'current' | 'waiting' | 'shipping' | 'broken' | 'paused' | 'pinned';
  /** Whether a module of it is loaded in the driver. */
  imported: boolean;
  /** The version that driver and workers are held at, whatever is on disk. */
  pinned: string | null;
  /** What the driver has run since the kernel started, newest first; not more than the last 20. */
  history: PastVersion[];
  failure: KernelFailure | null;
  /** Last time that Spark was given eggs for it. */
  shipped: { version: string; at: string; milliseconds: number; bytes: number } | null;
}

export interface PastVersion {
  version: string;
  /** When the driver went to it (ISO 8601, UTC). */
  at: string;
  /** Number of the cell that switched to it; null for an action of the browser. */
  cell: number | null;
  /** Files that were added or changed, and removed, against the version before; not more than 12 of them. */
  files: string[];
  /** How many files that were. */
  changes: number;
  git: GitMark | null;
}

export interface KernelFailure {
  /** Class name that the cell shows, e.g. `LibraryBroken`. */
  name: string;
  message: string;
  file: string | null;
  line: number | null;
}

/** Python expressions that the browser may ask a kernel to evaluate. */
export type KernelAction =
  | 'ship'
  | 'set_enabled'
  | 'set_library'
  | 'configure'
  | 'state'
  | 'add'
  | 'remove'
  | 'restore'
  | 'pin'
  | 'release'
  | 'verify'
  | 'unpersist'
  | 'recompute';

export interface ActionResult {
  ok: boolean;
  /** One sentence for a notification. */
  message: string;
  milliseconds: number;
  state: KernelState;
}
