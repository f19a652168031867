/**
 * What of a library is on disk.
 *
 * - `package`: a directory with an `__init__.py`; everything below it belongs.
 * - `module`: one `.py` file and nothing else.
 * - `namespace`: a directory without `__init__.py` (PEP 420): its own `.py` files and data below the local portion.
 */
export type LibraryKind = 'package' | 'module' | 'namespace';

/** How a kernel names a library: the import name and where its code lies. */
export interface LibrarySpec {
  /** Top-level import name, e.g. `tagscrape`; dotted for a part of a namespace that lies in a folder of its own. */
  name: string;
  kind: LibraryKind;
  /** Absolute path of the package's directory, the module's file or the namespace's local portion. */
  path: string;
}

/** One egg file in the store. Its name carries its content's digest and the format number: it is never overwritten. */
export interface Egg {
  /** Absolute path in the daemon's store. */
  path: string;
  /** File name, `autoegg-<library>-<format>-<first 16 hex of digest>[.patch].egg`. */
  name: string;
  /** sha256 of the file, hex. */
  digest: string;
  bytes: number;
}

/** The eggs that bring one version: the base holds a whole (possibly older) version, the patch what differs from it. */
export interface Delivery {
  version: string;
  base: Egg;
  patch: Egg | null;
  /** Absolute path of the JSON {@link Manifest} in the store. */
  manifest: string;
}

/** Every file of one version. Paths are POSIX, relative to the directory that goes on `sys.path`. */
export interface Manifest {
  format: number;
  name: string;
  kind: LibraryKind;
  version: string;
  files: Record<string, { digest: string; size: number }>;
}

/** An egg as the store's index names it; it lies in the store's own folder. */
export type StoredEgg = Omit<Egg, 'path'>;

/**
 * A version that kernels or programs have run: an entry of the store's index (`versions/*.json`, beside the manifest of the same
 * name). The time of the file is when it was last run.
 */
export interface KeptVersion {
  format: number;
  name: string;
  kind: LibraryKind;
  version: string;
  /** Where the library lay when it was run first. */
  path: string;
  /** When that was (ISO 8601, UTC). */
  first: string;
  base: StoredEgg;
  patch: StoredEgg | null;
  git: GitMark | null;
  /** When and for which limit the eggs were let go; null while they are kept. */
  gone: { at: string; why: 'age' | 'size' } | null;
}

/** Why a file belongs to a library, or does not. */
export type FileRule =
  /** An import statement can load it. */
  | 'code'
  | 'data'
  /** `include` under [tool.autoegg] names it. */
  | 'include'
  /** It is the library. */
  | 'module'
  /* From here on: rules by which it is left out. */
  /** Caches, version control, and what editors leave while they save. */
  | 'cache'
  | 'hidden'
  /** A virtual environment. */
  | 'environment'
  | 'build output'
  | 'exclude'
  | '.gitignore'
  | 'secret'
  /** Only what `include` names belongs in this folder. */
  | 'not included'
  /** A socket, a device, a link that leads nowhere, in a circle or above the library. */
  | 'no file';

/** What of a library is shipped, and what is not, by which rule. Also the answer of `GET /autoegg/contents?library=KEY`. */
export interface LibraryContents {
  spec: LibrarySpec;
  files: { path: string; size: number; rule: FileRule }[];
  /** Absolute paths; of a folder that is left out, only itself. */
  leftOut: { path: string; rule: FileRule }[];
  /** Sentences for a person. */
  warnings: string[];
}

export type LibraryCondition =
  /** Watched, and its eggs are ready. */
  | 'current'
  /** Digests or eggs are being made. */
  | 'building'
  /** Its files cannot be read or packed. */
  | 'broken'
  /** Its directory or file is not there. */
  | 'missing';

/** What the daemon knows of one library. */
export interface LibraryStatus {
  /** The daemon's key of the library, stable over restarts: derived from name, kind and real path. */
  library: string;
  name: string;
  kind: LibraryKind;
  path: string;
  version: string | null;
  condition: LibraryCondition;
  error: Failure | null;
  files: number;
  bytes: number;
  /** When the eggs of `version` were ready (ISO 8601, UTC) and how long that took. */
  built: { at: string; milliseconds: number; eggBytes: number } | null;
  /** While building takes long: files that are read or packed, of all that have to be. */
  progress?: { done: number; total: number } | null;
  /** What a person should know of its contents: secrets that were left out, large files. */
  warnings?: string[];
  /** Where git was when `version` was made; null outside a repository, and until git has answered. */
  git: GitMark | null;
}

export interface GitMark {
  /** Full hash of the commit that is checked out; null in a repository without one. */
  commit: string | null;
  /** Whether a file of the library differs from that commit. */
  dirty: boolean;
}

export type FailureCode =
  /** The path must not be a library (`/`, the home directory, an environment …). */
  | 'refused'
  | 'missing'
  /** A file cannot be read. */
  | 'unreadable'
  /** Files kept changing under the pass, or git holds its index lock, for 2 s. */
  | 'unsettled'
  /** More than 65,535 entries, more bytes than the project allows, or a file of 2 GB and more. */
  | 'too-large'
  | 'store'
  | 'protocol'
  | 'internal';

/** A refusal in one sentence, for a person. */
export interface Failure {
  code: FailureCode;
  message: string;
  /** Absolute path of the file that it is about. */
  file?: string;
}
