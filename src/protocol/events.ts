/**
 * Daemon → server: one JSON object per line on the daemon's standard output, mirrored to the browser as Jupyter events
 * with the schema `https://schema.jupyter.org/jupyterlab_autoegg/state/v1`, whose data is {@link ServerState}.
 */
import type { LibraryStatus } from './library';

export type DaemonEvent =
  | { event: 'ready'; protocol: number; pid: number; socket: string; node: string }
  | { event: 'library'; status: LibraryStatus }
  | { event: 'closed'; library: string }
  | { event: 'problem'; message: string };

/** The daemon's life as the server sees it. */
export interface DaemonState {
  condition: 'idle' | 'starting' | 'running' | 'restarting' | 'unavailable';
  /** One sentence when `unavailable` or `restarting`: what is wrong and what to do. */
  message: string | null;
  pid: number | null;
}

/** Answer of `GET /autoegg/state`, and the data of each `state` event. */
export interface ServerState {
  protocol: number;
  daemon: DaemonState;
  libraries: LibraryStatus[];
}

/**
 * Answer of `GET /autoegg/bootstrap`: Python code that loads the shim in a kernel that did not run the server's start-up
 * file (a kernelspec with a PYTHONSTARTUP of its own). To be executed silently; leaves no name behind, and does nothing
 * where the shim is loaded already, in kernels without IPython and below Python 3.10. Empty when the extension is
 * switched off on the server.
 */
export interface Bootstrap {
  code: string;
}

/**
 * Body of `POST /autoegg/give`: gives a folder of the server to a kernel behind its gateway. 404 for what is not below the server's
 * root, has no library, or is no kernel of this server; 409 where the kernel does not take it or there is no gateway.
 */
export interface Gift {
  /** Id of the kernel. */
  kernel: string;
  /** As the contents manager has it. */
  path: string;
}

/** Answer of `POST /autoegg/give`. */
export interface Given {
  /** Names of the libraries that the kernel can import now. */
  libraries: string[];
  /** A sentence for each that it has not taken. */
  refused: string[];
}

/**
 * Answer of `GET /autoegg/changes?library=KEY&from=VERSION&to=VERSION`: paths as in a manifest. 404 when one of the versions
 * is no longer known.
 */
export interface Changes {
  added: string[];
  changed: string[];
  removed: string[];
}

/**
 * Answer of `GET /autoegg/diff?library=KEY&path=PATH&from=VERSION&to=VERSION`. 400 for what is no version, 404 for a library, version or
 * file that is not known, or for a link that leads out of the library.
 */
export interface Difference {
  /** Lines of a unified diff without its two head lines; null where there is nothing to show: see `reason`. */
  lines: string[] | null;
  reason: 'binary' | 'large' | 'slow' | null;
  /** Only the beginning is there: the rest is too long to be compared or shown. */
  cut: boolean;
}

/**
 * Answer of `GET /autoegg/file?library=KEY&path=PATH[&version=VERSION]`: one file of the library as it is in a version, the
 * present one if none is named. Only what the version's manifest names is answered.
 */
export interface FileText {
  path: string;
  version: string;
  text: string;
}
