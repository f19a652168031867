import type {
  KernelFailure,
  KernelLibrary,
  KernelState,
  LibraryKind,
  LibraryStatus,
  ServerState
} from '../protocol';

/**
 * `absent`: no module of it is loaded. `new`: imported, but no cell has started since, so that its version is not known yet.
 * `driver`: kept up to date without a daemon, so in the driver only; its version is unknown.
 */
export type RowCondition = KernelLibrary['condition'] | 'building' | 'absent' | 'new' | 'driver';

/** One library of the current notebook: what its kernel runs, joined with what the daemon sees on disk. */
export interface ILibraryRow {
  readonly name: string;
  readonly kind: LibraryKind;
  readonly path: string;
  readonly enabled: boolean;
  /** Its notebook is switched off, so that its own switch says nothing. */
  readonly suspended: boolean;
  readonly condition: RowCondition;
  /** Version that the driver runs. */
  readonly version: string | null;
  /** Version on disk, if it is another one. */
  readonly next: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly failure: Pick<KernelFailure, 'message' | 'file' | 'line'> | null;
  readonly shipped: KernelLibrary['shipped'];
  /** The daemon's key, by which the server is asked for more; null without a daemon that the server knows. */
  readonly key: string | null;
  /** Version on disk, as far as the daemon has seen; the driver's if it has not. */
  readonly disk: string | null;
  readonly pinned: string | null;
  readonly history: KernelLibrary['history'];
  readonly built: LibraryStatus['built'];
  /** While building takes long: the share of it that is done, 0 to 1. */
  readonly progress: number | null;
}

/** The row of a library is the same object for as long as nothing is new about it. */
export function libraryRows(kernel: KernelState | null, server: ServerState | null): ILibraryRow[] {
  const isAlone = kernel?.daemon.condition === 'fallback';
  const statuses = new Map(server?.libraries.map(status => [status.library, status]));
  return (kernel?.libraries ?? []).map(library => {
    const status = library.library === null ? undefined : statuses.get(library.library);
    const enabled = !!kernel?.enabled;
    const known = joined.get(library);
    if (known?.status === status && known?.enabled === enabled && known.isAlone === isAlone) {
      return known.row;
    }
    const own = row(library, status, isAlone);
    const shown: ILibraryRow = enabled ? own : { ...own, condition: 'paused', suspended: true };
    joined.set(library, { status, enabled, isAlone, row: shown });
    return shown;
  });
}

/** Of what each library's last row was made. */
const joined = new WeakMap<
  KernelLibrary,
  { status: LibraryStatus | undefined; enabled: boolean; isAlone: boolean; row: ILibraryRow }
>();

/** Worst first: the one condition that represents all of a notebook's libraries. */
const SEVERITY: readonly RowCondition[] = [
  'broken',
  'shipping',
  'building',
  'waiting',
  'pinned',
  'new',
  'absent',
  'driver',
  'current',
  'paused'
];

export function overallCondition(rows: readonly ILibraryRow[]): RowCondition | null {
  return SEVERITY.find(condition => rows.some(row => row.condition === condition)) ?? null;
}

/** The share of a long build that is done, 0 to 1; null while none goes on. */
function shareOf(status: LibraryStatus | undefined): number | null {
  const { condition, progress } = status ?? {};
  return condition === 'building' && progress ? progress.done / progress.total : null;
}

/** The same for all libraries of a notebook that are being built. */
export function buildProgress(
  kernel: KernelState | null,
  server: ServerState | null
): number | null {
  const paths = new Set(kernel?.libraries.map(({ path }) => path));
  const work = (server?.libraries ?? [])
    .filter(status => paths.has(status.path) && shareOf(status) !== null)
    .map(({ progress }) => progress!);
  const total = work.reduce((sum, { total }) => sum + total, 0);
  return total ? work.reduce((sum, { done }) => sum + done, 0) / total : null;
}

/** The first digits of a version: enough for a person to see that two differ. */
export function shortVersion(version: string): string {
  return version.slice(0, 4);
}

function row(
  library: KernelLibrary,
  status: LibraryStatus | undefined,
  isAlone: boolean
): ILibraryRow {
  const { name, kind, path, enabled, version, shipped, pinned, history } = library;
  const next = status?.version && version && status.version !== version ? status.version : null;
  const disk = next ? status! : library;
  return {
    name,
    kind,
    path,
    enabled,
    suspended: false,
    version,
    shipped,
    pinned,
    history,
    key: status ? library.library : null,
    disk: status?.version ?? version,
    built: status?.built ?? null,
    progress: shareOf(status),
    next,
    files: disk.files,
    bytes: disk.bytes,
    condition: conditionOf(library, status, next, isAlone),
    failure: library.failure ?? diskFailure(library, status)
  };
}

/** The kernel has the word, except on what it learns only with its next cell: what happens on disk. */
function conditionOf(
  library: KernelLibrary,
  status: LibraryStatus | undefined,
  next: string | null,
  isAlone: boolean
): RowCondition {
  if (library.condition !== 'current' && library.condition !== 'waiting') {
    return library.condition;
  }
  if (diskFailure(library, status)) {
    return 'broken';
  }
  if (status?.condition === 'building') {
    return 'building';
  }
  if (next) {
    return 'waiting';
  }
  if (!library.imported) {
    return 'absent';
  }
  if (library.version === null) {
    return isAlone ? 'driver' : 'new';
  }
  return library.condition;
}

function diskFailure(
  library: KernelLibrary,
  status: LibraryStatus | undefined
): ILibraryRow['failure'] {
  return library.enabled && status?.error
    ? { message: status.error.message, file: status.error.file ?? null, line: null }
    : null;
}
