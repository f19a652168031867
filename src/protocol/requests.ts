/**
 * Kernel (or program) ↔ daemon, over a Unix socket: one JSON object per line.
 *
 * A client sends {@link Request}, the daemon answers with a {@link Response} of the same `id`, in order. After
 * `subscribe` the daemon also sends {@link Notice} lines on that connection, beginning with one for every library that
 * is open. The first request must be `hello`.
 */
import type { Delivery, Failure, LibraryContents, LibrarySpec, LibraryStatus } from './library';

export interface Requests {
  hello: {
    params: { protocol: number; role: 'kernel' | 'program' | 'server'; pid: number };
    result: { protocol: number; pid: number; version: string; node: string };
  };
  /** Begins to watch (idempotent); answers when the base egg of the present version is ready. Released when the connection ends. */
  open: { params: LibrarySpec; result: { library: string } };
  close: { params: { library: string }; result: Record<string, never> };
  /** Makes sure, by looking at the disk, what each library's version is now; answers when its eggs are ready. */
  barrier: {
    params: { libraries: { library: string; known: string | null }[] };
    result: { libraries: BarrierAnswer[] };
  };
  /** Which files of an open library are shipped, and which are not, as they are at this moment. */
  contents: { params: { library: string }; result: LibraryContents };
  /** The libraries at a path: a file, a package's directory, or a project. Nothing is opened. */
  find: { params: { path: string }; result: { libraries: LibrarySpec[] } };
  status: { params: Record<string, never>; result: { libraries: LibraryStatus[] } };
  /**
   * Where the store has a version (null: the present one): its manifest, and its eggs in the order base, patch; none if
   * they are gone.
   */
  version: {
    params: { library: string; version: string | null };
    result: {
      version: string | null;
      spec: LibrarySpec;
      manifest: string | null;
      eggs: string[];
    };
  };
  subscribe: { params: Record<string, never>; result: Record<string, never> };
}

export type Method = keyof Requests;

export type BarrierAnswer =
  | { library: string; unchanged: true; version: string; record?: true }
  | {
      library: string;
      unchanged: false;
      version: string;
      delivery: Delivery;
      /** Files added or changed, and removed, since `known`; both null when the daemon does not know that version. */
      changed: string[] | null;
      removed: string[] | null;
      /** Sentences: secrets that were left out, large files. */
      warnings?: string[];
      /** The project wants to have recorded which version made each result of a notebook (`record` under [tool.autoegg]). */
      record?: true;
    }
  | { library: string; failure: Failure };

export interface Request<M extends Method = Method> {
  id: number;
  method: M;
  params: Requests[M]['params'];
}

export type Response<M extends Method = Method> =
  { id: number; result: Requests[M]['result'] } | { id: number; failure: Failure };

/** Pushed to subscribers when a library has a new status; `delivery` is there when its eggs are ready to ship. */
export interface Notice {
  notice: 'library';
  status: LibraryStatus;
  delivery: Delivery | null;
}

/** The rendezvous file: where the daemon listens. Mode 0600; replaced whole by a daemon that takes over. */
export interface Rendezvous {
  protocol: number;
  pid: number;
  host: string;
  /** Absolute path of the Unix socket, in a directory of mode 0700. */
  socket: string;
}

/** The owner file of a temporary folder: when the process has ended, any process that finds the folder may remove it. */
export interface Owner {
  pid: number;
  /** Where that number means this process: boot and pid namespace on Linux, else the host's name. */
  machine: string;
  /** The owner holds a lock on this file while it lives, which Python can ask for and Node cannot. */
  locked?: boolean;
}
